"""Archives in the cache: once, whole or not at all, within bounds, and never over what somebody uses."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.data import unpacked as cache_of
from engine.data.unpacked import TAR, ZIP, unpacked
from engine.errors import BadInput, BadParameter, StoreError, StoreFull
from engine.home import VARIABLE
from tests.data.made import folder_files, png, tarred, zipped

ROOT = Path(__file__).parents[2]


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "home"))
    monkeypatch.setattr(cache_of, "_held", {})
    return tmp_path / "home" / "cache" / "unpacked"


def content(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_it_is_unpacked_once_and_by_content(tmp_path, cache):
    files, told = folder_files(), []
    made = zipped(tmp_path / "birds.zip", {**files, "__MACOSX/._x.png": b"?", ".DS_Store": b"?"})
    place = unpacked([made], ZIP, lambda *done: told.append(done))
    assert content(place) == files and told[-1] == (10, 10) and place.parent == cache
    (tmp_path / "again.zip").write_bytes(made.read_bytes())
    seen = len(told)
    assert unpacked([tmp_path / "again.zip"], ZIP, lambda *done: told.append(done)) == place and len(told) == seen
    zipped(made, {**files, "train/gull/0.png": png(9, 9, 9)})  # other bytes are another archive
    other = unpacked([made], ZIP)
    assert other != place and content(place) == files and content(other) != files


@pytest.mark.parametrize("mode", ["w", "w:gz", "w:bz2", "w:xz"])
def test_a_tar_of_any_compression(tmp_path, cache, mode):
    files = folder_files()
    assert content(unpacked([tarred(tmp_path / "birds", files, mode)], TAR)) == files
    assert sorted(path.suffix for path in cache.iterdir()) == ["", "", ".used"]  # the files, the lock, the sign of use


def test_several_archives_are_one_place(tmp_path, cache):
    shards = [tarred(tmp_path / f"{i}.tar", {"a.png": png(i, i, i)}) for i in range(2)]
    assert content(unpacked(shards, TAR)) == {"0/a.png": png(0, 0, 0), "1/a.png": png(1, 1, 1)}


def test_a_kill_in_the_middle_leaves_nothing_half(tmp_path, cache):
    made = zipped(tmp_path / "birds.zip", {f"a/{i}.png": png(i % 250, i // 250, 3) for i in range(3000)})
    code = (
        "import sys,time\nfrom pathlib import Path\nfrom engine.data.unpacked import unpacked\n"
        "def told(done, total):\n    print(done, flush=True)\n    time.sleep(0.002)\n"
        "unpacked([Path(sys.argv[1])], 'zip', told)"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", code, str(made)], cwd=ROOT, env=os.environ.copy(), stdout=subprocess.PIPE
    )
    while child.stdout.readline() != b"20\n":
        pass
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    half = [path for path in cache.iterdir() if path.is_dir()]
    assert len(half) == 1 and half[0].name.startswith(".")  # no name by which anybody would take it for whole
    assert len(content(unpacked([made], ZIP))) == 3000
    assert not half[0].exists()


def test_two_at_once_unpack_it_once(tmp_path, cache):
    made = zipped(tmp_path / "birds.zip", folder_files(40, 20))
    code = (
        "import sys\nfrom pathlib import Path\nfrom engine.data.unpacked import unpacked\nsys.stdin.readline()\n"
        "told = []\nprint(unpacked([Path(sys.argv[1])], 'zip', lambda *done: told.append(done)), len(told))"
    )
    words = [sys.executable, "-c", code, str(made)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    children = [subprocess.Popen(words, cwd=ROOT, env=os.environ.copy(), **pipes) for _ in range(2)]
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    said = [child.communicate()[0].split() for child in children]
    assert said[0][0] == said[1][0] and sorted(int(count) for _, count in said) == [0, 120]
    assert len(content(Path(said[0][0]))) == 120


def test_it_keeps_within_its_bounds_and_what_is_used_stays(tmp_path, cache, monkeypatch):
    sized = {i: zipped(tmp_path / f"{i}.zip", {"a.png": bytes([i]) * 1000}) for i in range(4)}
    monkeypatch.setattr(cache_of, "CACHE_BYTES", 2500)
    places = [unpacked([sized[i]], ZIP) for i in range(2)]
    for file in cache_of._held.values():  # as if the process that read them had ended
        file.close()
    cache_of._held.clear()
    os.utime(cache_of._sign(places[1]), (1, 1))  # used long ago
    third = unpacked([sized[2]], ZIP)
    assert [place.exists() for place in (*places, third)] == [True, False, True]
    unpacked([sized[0]], ZIP)
    with pytest.raises(StoreFull, match="what is in use"):  # both are held by this process
        unpacked([sized[3]], ZIP)
    assert places[0].exists() and third.exists()


def test_what_is_no_ordinary_file_and_what_changes_meanwhile(tmp_path, cache):
    os.mkfifo(tmp_path / "pipe")
    for odd in (tmp_path, tmp_path / "pipe", tmp_path / "missing", Path("/dev/zero")):
        with pytest.raises(BadParameter, match="archive"):
            unpacked([odd], ZIP)
    made = zipped(tmp_path / "birds.zip", folder_files())

    def grow(done, total):
        with made.open("ab") as file:
            file.write(b"x")

    with pytest.raises(BadInput, match="changed while it was unpacked"):
        unpacked([made], ZIP, grow)
    assert [path.name for path in cache.iterdir()] == ["lock"]


def test_a_disk_that_is_full_and_a_home_that_cannot_be_written(tmp_path, cache, monkeypatch):
    made = zipped(tmp_path / "birds.zip", folder_files())
    home = tmp_path / "home"
    home.write_text("a file where a folder should be")
    with pytest.raises(StoreError, match="home"):
        unpacked([made], ZIP)
    home.unlink()
    real = Path.open

    def full(path, *arguments, **named):
        if path.suffix == ".png":
            raise OSError(28, "No space left on device", str(path))
        return real(path, *arguments, **named)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(StoreFull, match="no space"):
        unpacked([made], ZIP)
    assert [path.name for path in cache.iterdir()] == ["lock"]
