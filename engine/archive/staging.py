"""A folder for a run that is being brought in: in no list, and gone again unless it is moved among the runs.

Who holds its lock is at work on it; what nobody holds was left by a process that was killed, and is swept away.
"""

from __future__ import annotations

import contextlib
import fcntl
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path

from engine.home import runs_folder
from engine.store.rows import run_ids
from engine.store.store import RunStore

_PLACE, _MARK = "incoming", ".incoming"


@contextlib.contextmanager
def staging(store: RunStore) -> Iterator[Path]:
    """An empty folder on the disk of the runs, removed at the end if it is still there.

    Raises:
        OSError: it cannot be made.
    """
    folder = store.home / _PLACE / secrets.token_hex(8)
    folder.mkdir(parents=True)
    try:
        with (folder / _MARK).open("w") as mark:
            fcntl.flock(mark, fcntl.LOCK_EX)
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):  # another import may be at work beside
            folder.parent.rmdir()


def settled(folder: Path) -> None:
    """A moved folder now belongs to a run that is in the store."""
    (folder / _MARK).unlink(missing_ok=True)


def sweep(store: RunStore) -> None:
    """Remove what killed imports left: staging folders, and moved ones whose run never came into the store."""
    with store.database.reading() as db:
        known = run_ids(db) if db else set()
    for mark in [*(store.home / _PLACE).glob(f"*/{_MARK}"), *runs_folder(store.home).glob(f"*/{_MARK}")]:
        with contextlib.suppress(OSError), mark.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if mark.parent.name in known:
                settled(mark.parent)
            else:
                shutil.rmtree(mark.parent, ignore_errors=True)
