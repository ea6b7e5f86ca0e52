"""Every source of data, given paths and texts that make no sense: each is refused with words, and nothing is kept."""

from __future__ import annotations

import os

import pytest

from engine.data.sources.base import SOURCES
from engine.errors import PlumageError
from engine.home import VARIABLE
from engine.params import parameters_of
from engine.runs.config import configure
from tests.data.made import folder_files, write, zipped
from tests.hostile.test_command_line import HOSTILE

PLACED = [name for name in SOURCES.names() if SOURCES.get(name).place]
ODD = (
    *HOSTILE,
    "/dev/zero",
    "/dev/null",
    "/proc/self/mem",
    "/proc/self/fd",
    "/sys",
    "/etc/passwd",
    "/",
    "loop",
    "dead",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A working directory with a file, a pipe, a folder of pictures, an archive that is none, and links to nowhere."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "file").write_text("mine")
    os.mkfifo(folder / "pipe")
    write(folder / "folder", folder_files())
    zipped(folder / "archive", folder_files())
    (folder / "loop").symlink_to("loop")
    (folder / "dead").symlink_to("nowhere")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, str(folder / "home"))
        patch.setenv("HOME", str(folder / "person"))
        patch.chdir(folder)
        yield folder


@pytest.mark.parametrize("name", PLACED)
def test_odd_places_are_refused_with_words(place, name):
    source = SOURCES.get(name)
    for value in ODD:
        if name in ("folder", "wds") and value in ("folder", "."):
            continue
        with pytest.raises(PlumageError) as caught:
            configure(None, {"dataset": name, source.place: value, "increment": "1"}).source.open()
        assert caught.value.given and caught.value.allowed and caught.value.remedy, value


@pytest.mark.parametrize("name", PLACED)
def test_odd_settings_are_refused_with_words_or_do_no_harm(place, name):
    source = SOURCES.get(name)
    known = {"zip": "archive", "torchvision": "Food101"}.get(name, "folder")
    for declared in parameters_of(source):
        for value in ODD if declared.name != source.place else ():
            sets = {"dataset": name, source.place: known, declared.name: value, "increment": "1"}
            if declared.name == "download" and value in ("1", "true", "yes"):
                continue  # it would go online
            try:
                configure(None, sets).source.open()
            except PlumageError as error:
                assert error.given and error.allowed and error.remedy, sets
