"""Places for output: every kind that cannot be used is refused, and trying one leaves no trace."""

import os

import pytest

from engine.errors import BadParameter
from engine.paths import given, input_file, output_file, output_folder

HALF = "half\udce9"


@pytest.mark.parametrize("text", ["", "  ", "\t\n", "a\0b", HALF, "~nobody-of-this-name/x"])
@pytest.mark.parametrize("reader", [given, input_file, output_file, output_folder])
def test_what_can_be_no_path_is_refused(reader, text):
    with pytest.raises(BadParameter, match=r"^--this "):
        reader(text, "--this")


def test_a_path_is_made_absolute_and_knows_the_home(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "me"))
    assert given("a/b") == tmp_path / "a/b" and given("~/b") == tmp_path / "me/b"


@pytest.fixture
def place(tmp_path):
    """A folder with one of each: returns it with what is in it, to be compared."""
    (tmp_path / "file").write_text("mine")
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "zero").symlink_to("/dev/zero")
    return tmp_path


def names(folder):
    return sorted(path.name for path in folder.rglob("*"))


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("folder", "it is a folder"),
        ("pipe", "it is a pipe"),
        ("zero", "it is a device"),
        ("nowhere/x", "its folder does not exist"),
        ("file/x", "its folder does not exist"),
        ("x" * 300, "at most 200 bytes"),
        ("/".join(["x" * 100] * 50), "a path 4000"),
        ("/proc/x", "no such file"),
    ],
)
def test_where_no_file_can_be_written(place, where, said):
    before = names(place)
    with pytest.raises(BadParameter, match=said):
        output_file(place / where)
    assert names(place) == before


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("file", "it is a file, not a folder"),
        ("file/a/b", "above it is a file, not a folder"),
        ("pipe", "it is a pipe"),
        ("a/" + "x" * 300, "at most 200 bytes"),
        ("/proc/x/y", "no such file"),
    ],
)
def test_where_no_folder_can_be_made(place, where, said):
    before = names(place)
    with pytest.raises(BadParameter, match=said):
        output_folder(place / where)
    assert names(place) == before


def test_a_good_place_is_named_and_left_as_it_is(place):
    before = names(place)
    assert output_file(place / "file") == place / "file" and (place / "file").read_text() == "mine"
    assert output_file(place / "new") == place / "new"
    assert output_folder(place / "a/b") == place / "a/b" and output_folder(place / "folder") == place / "folder"
    assert names(place) == before


@pytest.mark.parametrize("where", ["folder", "pipe", "zero", "nowhere", "file/x"])
def test_only_ordinary_files_are_read(place, where):
    with pytest.raises(BadParameter):
        input_file(place / where, "FILE")
    assert input_file(place / "file", "FILE") == place / "file"
