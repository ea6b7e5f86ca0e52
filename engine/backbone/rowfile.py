"""The file format of the feature cache: numbered float32 rows, each with a mark that says whether to believe it.

    bytes 0..4095        header: magic, key, count N, width D
    N * 8 bytes          marks, uint64: 0 = not there yet, else the row's checksum (see `engine.backbone.marks`)
    (up to a full page)
    N * D * 4 bytes      rows, float32

A row is written first, brought to disk, and marked after. Because the mark is a checksum of key, number and row, a
half-written, damaged or exchanged row never passes for a good one, whatever the order in which a failing machine kept
the pages.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import itertools
import mmap
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from engine.array_types import Bools, Floats, Ints
from engine.backbone.marks import MARK_BYTES, Marks, marks_of
from engine.errors import StoreError, StoreFull, StoreReadOnly

PAGE = 4096
_HEADER = struct.Struct("<8s64sQQ")  # magic, key, count, width
_MAGIC = b"PLMROWS2"
_NAME_BYTES = 8  # of a row: its number, little-endian

_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_PERMISSION = {errno.EROFS, errno.EACCES, errno.EPERM}
_SET_PLUMAGE_HOME = "set PLUMAGE_HOME to a folder elsewhere"


@contextlib.contextmanager
def storage_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's complaints about `path` into ours.

    Raises:
        StoreFull: no space, quota or file size left.
        StoreReadOnly: no permission to write.
        StoreError: anything else, for example a failing disk.
    """
    try:
        yield
    except OSError as error:
        if error.errno in _NO_SPACE:
            raise StoreFull(str(path), "no space is left there", f"Free some space, or {_SET_PLUMAGE_HOME}") from error
        if error.errno in _NO_PERMISSION:
            raise no_permission(path) from error
        reason = error.strerror or type(error).__name__
        raise StoreError(
            str(path), f"it cannot be used ({reason})", f"Check the disk, or {_SET_PLUMAGE_HOME}"
        ) from error


def no_permission(path: Path) -> StoreReadOnly:
    """The error for a place that may not be written to."""
    return StoreReadOnly(str(path), "it cannot be written to", f"Make it writable, or {_SET_PLUMAGE_HOME}")


def file_bytes(count: int, width: int) -> int:
    """Size of the file that holds `count` rows of `width` numbers."""
    return _rows_offset(count) + count * width * 4


def _rows_offset(count: int) -> int:
    marks_end = PAGE + count * MARK_BYTES
    return -(-marks_end // PAGE) * PAGE


def header(key: str, count: int, width: int) -> bytes:
    """The header that a sound file for these rows starts with."""
    return _HEADER.pack(_MAGIC, key.encode(), count, width)


def write_empty(fd: int, key: str, count: int, width: int) -> None:
    """Lay out an empty file, with its space reserved so that a full disk shows now and not after an hour's work."""
    size = file_bytes(count, width)
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(fd, 0, size)
    else:
        os.ftruncate(fd, size)
    os.pwrite(fd, header(key, count, width), 0)
    os.fsync(fd)


class RowFile:
    """An open file of rows. Many processes may read and write it at once.

    Args:
        path: for messages.
        fd: descriptor, owned from here on.
        writable: whether `fd` was opened for writing.
        key, count, width: what the file should hold.
    """

    def __init__(self, path: Path, fd: int, writable: bool, key: str, count: int, width: int) -> None:
        self.path, self.writable, self.width = path, writable, width
        self._fd, self._key, self._count = fd, key, count
        self._sound = self._is_sound()
        self._map: mmap.mmap | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        fcntl.flock(self._fd, fcntl.LOCK_UN)  # said aloud, because the mapping holds a duplicate of the descriptor
        os.close(self._fd)

    @property
    def sound(self) -> bool:
        """Whether header and size are those of a whole file for these rows."""
        return self._sound

    def _is_sound(self) -> bool:
        if os.fstat(self._fd).st_size != file_bytes(self._count, self.width):
            return False
        wanted = header(self._key, self._count, self.width)
        return os.pread(self._fd, len(wanted), 0) == wanted

    def remove(self) -> None:
        """Remove the file, unless another has already taken its place. Whoever has it open keeps the old copy."""
        if is_at(self._fd, self.path):
            self.path.unlink(missing_ok=True)

    def _view(self) -> mmap.mmap:
        if self._map is None:
            with storage_errors(self.path):
                self._map = mmap.mmap(self._fd, 0, access=mmap.ACCESS_READ)
        return self._map

    def marks(self) -> Marks:
        """Read-only live view of the marks, [count]."""
        return np.frombuffer(self._view(), np.uint64, self._count, PAGE)

    def _marks_of(self, rows: Ints, values: Floats) -> Marks:
        return marks_of(self._key, (row.to_bytes(_NAME_BYTES, "little") for row in rows.tolist()), values)

    def _values(self) -> Floats:
        flat = np.frombuffer(self._view(), np.float32, self._count * self.width, _rows_offset(self._count))
        return flat.reshape(self._count, self.width)

    def read(self, rows: Ints) -> tuple[Floats, Bools]:
        """The rows at `rows` [n] and which of them can be believed.

        Returns:
            float32 [n, D] (a copy; unbelievable rows hold anything) and bool [n].
        """
        marks = self.marks()[rows]  # before the data: a mark seen means that its data is there
        values = self._values()[rows]  # [n, D]
        return values, marks == self._marks_of(rows, values)

    def write(self, rows: Ints, values: Floats) -> None:
        """Store `values` [n, D] at `rows` [n] (ascending): data, then to disk, then marks."""
        values = np.ascontiguousarray(values, np.float32)
        marks = self._marks_of(rows, values)
        offset = _rows_offset(self._count)
        runs = list(_runs(rows))
        with storage_errors(self.path):
            for start, stop in runs:
                write_fully(self._fd, values[start:stop].tobytes(), offset + int(rows[start]) * self.width * 4)
            getattr(os, "fdatasync", os.fsync)(self._fd)
            for start, stop in runs:
                write_fully(self._fd, marks[start:stop].tobytes(), PAGE + int(rows[start]) * MARK_BYTES)

    def claim(self, first: int, count: int) -> bool:
        """Try to reserve rows `first`.. for this process, so that another does not do the same work. Never waits.

        Only a courtesy: writing unclaimed rows is harmless. A claim dies with its process.
        """
        try:
            fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB, count * MARK_BYTES, PAGE + first * MARK_BYTES)
        except OSError:
            return False
        return True

    def release(self, first: int, count: int) -> None:
        """Give a claim back."""
        fcntl.lockf(self._fd, fcntl.LOCK_UN, count * MARK_BYTES, PAGE + first * MARK_BYTES)


def is_at(fd: int, path: Path) -> bool:
    """Whether the open file is still the one at `path`."""
    try:
        return os.fstat(fd).st_ino == path.stat().st_ino
    except FileNotFoundError:
        return False


def write_fully(fd: int, data: bytes, offset: int) -> None:
    """Write all of `data` at `offset`, however many calls it takes."""
    done = 0
    while done < len(data):
        done += os.pwrite(fd, data[done:], offset + done)


def _runs(rows: Ints) -> Iterator[tuple[int, int]]:
    """Positions (start, stop) of the stretches of consecutive numbers in ascending `rows`."""
    breaks = np.flatnonzero(np.diff(rows) != 1) + 1
    edges = [0, *breaks.tolist(), len(rows)]
    yield from itertools.pairwise(edges)
