"""A folder for a cell on a node, as long as the cell takes.

Who holds its lock is at work in it; what nobody holds was left by a process that was killed, and is swept away by who
comes next.
"""

from __future__ import annotations

import contextlib
import fcntl
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX, _MARK = "plumage-cell-", ".lock"


@contextlib.contextmanager
def cell_folder() -> Iterator[Path]:
    """An empty folder among what is temporary on this machine, removed at the end.

    Raises:
        OSError: it cannot be made.
    """
    _sweep(Path(tempfile.gettempdir()))
    with tempfile.TemporaryDirectory(prefix=PREFIX) as folder, (Path(folder) / _MARK).open("w") as mark:
        fcntl.flock(mark, fcntl.LOCK_EX)
        yield Path(folder)


def _sweep(place: Path) -> None:
    for mark in place.glob(f"{PREFIX}*/{_MARK}"):
        with contextlib.suppress(OSError), mark.open("r+") as file:  # others' folders cannot be opened
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(mark.parent, ignore_errors=True)
