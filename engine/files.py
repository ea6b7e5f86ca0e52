"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import fcntl
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from engine.errors import StoreError, StoreFull, StoreReadOnly

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_PERMISSION = {errno.EROFS, errno.EACCES, errno.EPERM}
_ELSEWHERE = "set PLUMAGE_HOME to a folder elsewhere"
_PART = re.compile(r"\..+\.(\d+)-[0-9a-f]{8}\.part")


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A name beside `path` of one's own: what the body writes there is forced to disk and moved to `path` at the end,
    so that it survives a power cut.

    On any failure nothing is left, and what was at `path` stays; what a killed process left is removed by the next.
    Errors of the operating system pass through: what they mean depends on the place.
    """
    _sweep(path)
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
    try:
        with _held(temporary):
            yield temporary
            with temporary.open("rb+") as file:
                os.fsync(file.fileno())
            temporary.replace(path)
            sync_folder(path.parent)
    finally:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)


@contextmanager
def storage_errors(place: Path | str) -> Iterator[None]:
    """Turn the operating system's complaints about a place into ours.

    Raises:
        StoreFull: no space, quota or file size left.
        StoreReadOnly: no permission to write.
        StoreError: anything else, for example a failing disk.
    """
    try:
        yield
    except OSError as error:
        raise store_error(place, error) from error


def store_error(place: Path | str, error: OSError) -> StoreError:
    """What an operating system error about `place` means."""
    if error.errno in _NO_SPACE:
        return full(place)
    if error.errno in _NO_PERMISSION:
        return read_only(place)
    reason = error.strerror or type(error).__name__
    return StoreError(str(place), f"it cannot be used ({reason})", f"Check the disk and the path, or {_ELSEWHERE}")


def full(place: Path | str) -> StoreFull:
    """The disk has no space left; what is finished was kept."""
    what = "no space is left on its disk; every finished task is safe"
    return StoreFull(str(place), what, f"Free some space and go on, or {_ELSEWHERE}")


def read_only(place: Path | str) -> StoreReadOnly:
    """It may be read but not written."""
    what = "it cannot be written; finished runs can still be looked at"
    return StoreReadOnly(str(place), what, f"Make it writable, or {_ELSEWHERE}")


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_text(text: str, path: Path) -> None:
    """Put a text into a file, as UTF-8; see `replacing`."""
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")


@contextmanager
def one_at_a_time(path: Path) -> Iterator[None]:
    """Wait until no other process, and no other thread of this one, is within, by a lock on a file that stays there.

    Where the file system has no locks nobody waits.

    Raises:
        StoreFull, StoreReadOnly, StoreError: the file cannot be made.
    """
    with storage_errors(path):
        file = path.open("ab")
    with file:
        with suppress(OSError):
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def _held(part: Path) -> Iterator[None]:
    """Lock a file in the making, for those on other machines or in other containers, where our number says nothing."""
    with part.open("xb") as file:
        with suppress(OSError):  # not every file system has locks
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _sweep(path: Path) -> None:
    """Remove our own parts of `path` whose writers died: no process has their number, and nobody holds them."""
    beginning = f".{path.name}."
    with suppress(OSError):
        for part in [p for p in path.parent.iterdir() if p.name.startswith(beginning) and _PART.fullmatch(p.name)]:
            remove(part)


def remove(path: Path) -> None:
    """Remove a file if it is there, but not one that somebody is writing just now (see `replacing`)."""
    found = _PART.fullmatch(path.name)
    if not found:
        path.unlink(missing_ok=True)
    elif not process_lives(int(found[1])):
        _remove_if_free(path)


def _remove_if_free(part: Path) -> None:
    with suppress(OSError), part.open("rb+") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(file.fileno()).st_uid == os.geteuid():
            part.unlink()


def freed(paths: Iterable[Path]) -> int:
    """Bytes that are free once these files are deleted: one that has a further name elsewhere frees nothing."""
    size: dict[tuple[int, int], int] = {}
    missing: dict[tuple[int, int], int] = {}
    for path in filter(Path.is_file, paths):
        found = path.stat()
        file = (found.st_dev, found.st_ino)
        size[file] = found.st_size
        missing[file] = missing.get(file, found.st_nlink) - 1
    return sum(size[file] for file, left in missing.items() if left == 0)


def process_lives(pid: int) -> bool:
    """Whether a process of this number runs here, whoever's it is."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # somebody else's
        return True
    return True
