"""Files written whole or not at all, and what killed writers leave."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import StoreError, StoreFull, StoreReadOnly
from engine.files import replacing, storage_errors

ROOT = Path(__file__).parents[2]


def test_a_file_appears_whole_and_alone(tmp_path):
    with replacing(tmp_path / "x") as part:
        part.write_text("new")
        assert not (tmp_path / "x").exists()
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("x", "new")]


def test_a_failure_leaves_what_was_there(tmp_path):
    (tmp_path / "x").write_text("old")
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "x") as part:
        part.write_text("half")
        raise ZeroDivisionError
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("x", "old")]


def killed_while_writing(path: Path) -> Path:
    """Have a process killed in the middle of writing `path`; returns the part it left."""
    code = f"""
import os, signal
from pathlib import Path
from engine.errors import StoreError, StoreFull, StoreReadOnly
from engine.files import replacing, storage_errors
with replacing(Path({str(path)!r})) as part:
    part.write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    assert ended.returncode == -signal.SIGKILL
    (part,) = path.parent.glob(f".{path.name}.*.part")
    return part


def test_the_next_writer_removes_what_a_killed_one_left_and_nothing_else(tmp_path):
    left = killed_while_writing(tmp_path / "x")
    dead = left.name.split(".")[2]  # number of a process that ended, and random digits
    others = {
        f".y.{dead}.part": "of another file",
        f".x.{os.getpid()}-0123abcd.part": "of a process that lives",
        f".x.{dead}.part.txt": "of nobody",
        ".x.part": "of nobody",
    }
    for name, text in others.items():
        (tmp_path / name).write_text(text)
    with replacing(tmp_path / "x") as part:
        part.write_text("new")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"x": "new", **others}


def test_a_part_that_another_machine_holds_stays(tmp_path):
    import fcntl

    left = killed_while_writing(tmp_path / "x")
    with left.open("rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with replacing(tmp_path / "x") as part:
            part.write_text("new")
        assert left.exists()
    with replacing(tmp_path / "x") as part:
        part.write_text("newer")
    assert not left.exists()


def test_killed_tensors_too_are_removed(tmp_path):
    """safetensors may put a file of its own in the place of the one that is held."""
    import torch

    from engine.backbone.checkpoint import save_tensors

    left = killed_while_writing(tmp_path / "w.safetensors")
    save_tensors({"a": torch.zeros(2)}, tmp_path / "w.safetensors")
    assert not left.exists() and [path.name for path in tmp_path.iterdir()] == ["w.safetensors"]


@pytest.mark.parametrize(
    ("number", "kind", "words"),
    [
        (errno.ENOSPC, StoreFull, "every finished task is safe"),
        (errno.EFBIG, StoreFull, "no space is left"),
        (errno.EROFS, StoreReadOnly, "can still be looked at"),
        (errno.EIO, StoreError, "Input/output error"),
    ],
)
def test_what_a_disk_complains_of_is_told_in_one_way(tmp_path, number, kind, words):
    with pytest.raises(StoreError, match=words) as told, storage_errors(tmp_path):
        raise OSError(number, os.strerror(number))
    assert type(told.value) is kind and told.value.given == str(tmp_path) and "PLUMAGE_HOME" in told.value.remedy
