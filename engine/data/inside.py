"""Reading within a folder that anybody may change meanwhile: never through a link that leaves it.

A path is resolved and found to lie inside; then it is opened one name at a time from the folder down, and none of the
names may be a link. What is swapped between the two steps is therefore never followed: opening fails.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.structures import Malformed

LEAVES = "it is a symbolic link that leaves the folder"
_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC  # a pipe put there would otherwise wait for ever


def read_inside(path: Path, root: Path, limit: int) -> bytes:
    """The bytes of an ordinary file in `root`.

    Args:
        root: the folder, without links in its own path.
        limit: bytes that are read at most.

    Raises:
        Malformed: it lies elsewhere, is a pipe or a device, or is larger.
        OSError: it cannot be read, or became a link just now.
    """
    real = resolved(path, root)
    with _opened(root, real.parent) as folder:
        if not stat.S_ISREG(os.stat(real.name, dir_fd=folder, follow_symlinks=False).st_mode):
            raise Malformed("it is not an ordinary file")  # not even opened: a device may act on that
        with open(os.open(real.name, _FILE, dir_fd=folder), "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise Malformed("it is not an ordinary file")
            data = file.read(limit + 1) if status.st_size <= limit else b""
    if max(len(data), status.st_size) > limit:
        raise Malformed(f"it is larger than {limit // 2**20} MiB")
    return data


def list_inside(path: Path, root: Path) -> list[str]:
    """Names in a folder in `root`, or in `root` itself; raises as `read_inside`."""
    with _opened(root, resolved(path, root)) as folder:
        return os.listdir(folder)


def resolved(path: Path, root: Path) -> Path:
    """Where a path leads once its links are followed.

    Raises:
        Malformed: out of `root`.
    """
    real = Path(os.path.realpath(path))
    if not real.is_relative_to(root):
        raise Malformed(LEAVES)
    return real


@contextmanager
def _opened(root: Path, real: Path) -> Iterator[int]:
    """A descriptor of a folder without links in its path, by way of all folders from `root` down."""
    folder = os.open(root, _FOLDER)
    try:
        for name in real.relative_to(root).parts:
            below = os.open(name, _FOLDER, dir_fd=folder)
            os.close(folder)
            folder = below
        yield folder
    finally:
        os.close(folder)
