"""The feature cache: embeddings are computed once per content and shared by all processes.

Keys are hashes of everything an embedding depends on (`content_key`), so nothing ever needs invalidating. A process may
be killed at any moment, and two may fill the same key at once: see `engine.backbone.rowfile` for why that is safe.
The cache stays within its size by dropping the keys used longest ago, but never one that a live process is using.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from engine.array_types import Floats, Ints
from engine.backbone.rowfile import RowFile, file_bytes, is_at, storage_errors, write_empty
from engine.backbone.rowfill import ComputeRows, OnProgress, RowFill, checked
from engine.backbone.textfile import append_texts, appended_bytes, read_texts, text_digest

ComputeTexts = Callable[[Sequence[str]], Floats]

CHUNK = 64
"""Rows computed at a time unless told otherwise: small enough for a moving progress bar and little lost to a kill."""
_ROWS, _TEXTS, _TEMPORARY = ".rows", ".texts", ".tmp"


def content_key(*parts: str) -> str:
    """Hex sha256 of the parts; the boundaries between them count. Give digests, sizes and dtypes, never names alone."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        whole.update(len(data).to_bytes(8, "little") + data)
    return whole.hexdigest()


class FeatureCache:
    """Image and text embeddings on disk, one file a key.

    Args:
        root: folder of the cache, made on first use.
        max_bytes: total size to keep within. Keys in use may exceed it for as long as they are in use; a single key
            that is larger is computed and not kept.
    """

    def __init__(self, root: Path, max_bytes: int) -> None:
        self._root, self._max_bytes = Path(root), max_bytes

    def features(
        self,
        key: str,
        count: int,
        width: int,
        indices: Ints,
        compute: ComputeRows,
        progress: OnProgress | None = None,
        chunk: int = CHUNK,
    ) -> Floats:
        """Rows of one key, computing and keeping those that are not there yet.

        Args:
            key: from `content_key`.
            count, width: the key's full shape [N, D].
            indices: which rows, each in 0..N-1, in any order, repeats allowed.
            compute: gives float32 [n, D] for some rows [n]; called with at most `chunk` ascending rows.
            progress: called with (rows ready, rows asked for), counting each row once.

        Returns:
            float32 [len(indices), D], a copy.

        Raises:
            StoreFull, StoreReadOnly, StoreError: the cache cannot be written. What can be read needs no permission to
                write. Rows stored so far stay.
        """
        rows, back = np.unique(np.asarray(indices, np.int64), return_inverse=True)
        if len(rows) and (rows[0] < 0 or rows[-1] >= count):
            raise IndexError(f"rows {rows[0]}..{rows[-1]} asked of {count}")
        work = RowFill(rows, width, compute, progress, chunk)
        if file_bytes(count, width) > self._max_bytes:
            work.compute_all()
        elif len(rows):
            with self._open_rows(key, count, width) as file:
                work.run(file)
        return work.values[back]

    def texts(self, key: str, texts: Sequence[str], width: int, compute: ComputeTexts) -> Floats:
        """Text embeddings [len(texts), D] of one key; like `features`, but the rows are named by their text.

        Args:
            key: what the embeddings depend on besides the text: weights and tokenizer.
            compute: gives float32 [n, D] for n distinct texts; called at most once.
        """
        path = self._root / f"{key}-{width}{_TEXTS}"
        names = [text_digest(text) for text in texts]
        with storage_errors(path):
            known = read_texts(path, key, width)
        missing = {name: text for name, text in zip(names, texts, strict=True) if name not in known}
        if missing:
            values = checked(compute(list(missing.values())), len(missing), width)
            known.update(zip(missing, values, strict=True))
            with self._alone():
                self._make_room(appended_bytes(len(missing), width), keep=path)
                append_texts(path, key, list(missing), values)
        _touch(path)
        return np.stack([known[name] for name in names]) if names else np.zeros((0, width), np.float32)

    def used_bytes(self) -> int:
        """Total size of the files in the cache."""
        return sum(size for _, size, _ in self._files())

    # -- files ---------------------------------------------------------------------------------------------------------

    def _open_rows(self, key: str, count: int, width: int) -> RowFile:
        """The key's file, made or rebuilt where needed, and guarded against eviction until it is closed."""
        path = self._root / (key + _ROWS)
        while True:
            with storage_errors(path):
                opened = _open_shared(path)
            if opened is None:
                self._make_rows(path, key, count, width)
                continue
            with storage_errors(path):
                file = RowFile(path, *opened, key, count, width)
            if file.sound:
                _touch(path)
                return file
            with file, self._alone():
                file.remove()

    def _make_rows(self, path: Path, key: str, count: int, width: int) -> None:
        with self._alone():
            if path.exists():
                return
            self._make_room(file_bytes(count, width))
            temporary = path.with_suffix(_TEMPORARY)
            try:
                with _descriptor(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC) as fd:
                    write_empty(fd, key, count, width)
                temporary.rename(path)
            finally:
                temporary.unlink(missing_ok=True)

    # -- size ----------------------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Only one process at a time makes or removes files."""
        with storage_errors(self._root):
            self._root.mkdir(parents=True, exist_ok=True)
            with _descriptor(self._root / "lock", os.O_RDWR | os.O_CREAT) as fd:
                fcntl.flock(fd, fcntl.LOCK_EX)
                yield

    def _files(self) -> list[tuple[int, int, Path]]:
        """(last use in ns, size, path) of every file, the one used longest ago first."""
        found = []
        with contextlib.suppress(FileNotFoundError), os.scandir(self._root) as entries:
            for entry in entries:
                if entry.name.endswith((_ROWS, _TEXTS)):
                    with contextlib.suppress(FileNotFoundError):  # removed by another process just now
                        stat = entry.stat()
                        found.append((stat.st_mtime_ns, stat.st_size, Path(entry.path)))
        return sorted(found)

    def _make_room(self, size: int, keep: Path | None = None) -> None:
        """Drop what was used longest ago until `size` more bytes fit. Call only within `_alone`."""
        for stale in self._root.glob("*" + _TEMPORARY):  # left by a killed process: nobody else is in here
            stale.unlink(missing_ok=True)
        files = self._files()
        excess = sum(length for _, length, _ in files) + size - self._max_bytes
        for _, length, path in files:
            if excess <= 0:
                return
            if path != keep and _remove_unused(path):
                excess -= length


@contextlib.contextmanager
def _descriptor(path: Path, flags: int) -> Iterator[int]:
    fd = os.open(path, flags | os.O_CLOEXEC, 0o644)
    try:
        yield fd
    finally:
        os.close(fd)


def _open_shared(path: Path) -> tuple[int, bool] | None:
    """Open and lock `path` against eviction: (descriptor, writable), or None if it is not there."""
    while True:
        try:
            fd, writable = _open_best(path)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(fd, fcntl.LOCK_SH)
            if is_at(fd, path):  # not evicted between opening and locking
                return fd, writable
        except BaseException:
            os.close(fd)
            raise
        os.close(fd)


def _open_best(path: Path) -> tuple[int, bool]:
    try:
        return os.open(path, os.O_RDWR | os.O_CLOEXEC), True
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            raise
        return os.open(path, os.O_RDONLY | os.O_CLOEXEC), False


def _remove_unused(path: Path) -> bool:
    """Remove a file unless a live process is using it."""
    try:
        with _descriptor(path, os.O_RDONLY) as fd:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    except FileNotFoundError:
        return True
    except BlockingIOError:
        return False
    return True


def _touch(path: Path) -> None:
    """Note the use. A cache that may only be read is used all the same."""
    with contextlib.suppress(OSError):
        os.utime(path)
