"""The feature cache: embeddings are computed once per content and shared by all processes.

Keys are hashes of everything an embedding depends on (`content_key`), so nothing ever needs invalidating. A key is a
folder; a file in it holds the rows of one chunk, or all texts, and is only ever replaced as a whole:

    32 bytes     BLAKE2b (RFC 7693) of the key, the file's name and all that follows
    a record     what the row is called (its number, or its text's sha256) and float32 [D], ascending by name
    ...

So a kill loses a chunk at most, and a half-written, damaged or exchanged file passes for no file at all: its rows are
computed again. The cache stays within its size by dropping the files used longest ago; whoever was reading one has it.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.array_types import Floats, Ints
from engine.files import remove, replacing, storage_errors

ComputeRows = Callable[[Ints], Floats]
ComputeTexts = Callable[[Sequence[str]], Floats]

CHUNK = 64
"""Rows of a file, computed at a time: small enough for a moving progress bar and little lost to a kill."""
_SEAL_BYTES, _NAME_BYTES, _FLOAT_BYTES = 32, 32, 4
_LOCK = "lock"
_POLL_SECONDS = 0.02
_PATIENCE_SECONDS = 5.0
"""How long to wait for what another process computes: it may have been stopped, and the same work twice is harmless."""
_ROOM = 64
"""Part of the cache's size, as 1/n, that is written before its files are counted again: counting takes a while."""


def content_key(*parts: str) -> str:
    """Hex sha256 of the parts; the boundaries between them count. Give digests, sizes and dtypes, never names alone."""
    whole = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass")
        whole.update(len(data).to_bytes(8, "little") + data)
    return whole.hexdigest()


def chunks(rows: Ints) -> list[Ints]:
    """Ascending rows, cut at the borders of the cache's files."""
    parts = np.split(rows, np.flatnonzero(np.diff(rows // CHUNK)) + 1)
    return [part for part in parts if len(part)]


class FeatureCache:
    """Image and text embeddings on disk.

    Args:
        root: folder of the cache, made on first use.
        max_bytes: total size to keep within (each process that writes may exceed it by 1/64). A single key that is
            larger is computed and not kept.
    """

    def __init__(self, root: Path, max_bytes: int) -> None:
        self._root, self._max_bytes, self._room = Path(root), max_bytes, 0

    def features(self, key: str, count: int, width: int, indices: Ints, compute: ComputeRows) -> Floats:
        """Rows of one key, computing and keeping those that are not there yet.

        Args:
            key: from `content_key`.
            count, width: the key's full shape [N, D].
            indices: which rows, each in 0..N-1, in any order, repeats allowed.
            compute: gives float32 [n, D] for some rows [n]; called with at most `CHUNK` ascending rows.

        Returns:
            float32 [len(indices), D], a copy.

        Raises:
            StoreFull, StoreReadOnly, StoreError: the cache cannot be written. What can be read needs no permission to
                write. Rows stored so far stay.
        """
        rows, back = np.unique(np.asarray(indices, np.int64), return_inverse=True)
        if len(rows) and (rows[0] < 0 or rows[-1] >= count):
            raise IndexError(f"rows {rows[0]}..{rows[-1]} asked of {count}")
        found = [np.zeros((0, width), np.float32)]
        for part in chunks(rows):
            if count * width * _FLOAT_BYTES > self._max_bytes:
                found.append(_checked(compute(part), len(part), width))
            else:
                path = self._root / key / f"{count}-{width}-{part[0] // CHUNK}"
                found.append(self._filled(path, part, width, compute))
        return np.concatenate(found)[back]

    def texts(self, key: str, texts: Sequence[str], width: int, compute: ComputeTexts) -> Floats:
        """Text embeddings [len(texts), D] of one key; like `features`, but the rows are named by their text.

        Args:
            key: what the embeddings depend on besides the text: weights and tokenizer.
            compute: gives float32 [n, D] for n distinct texts; called at most once.
        """
        digests = [hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest() for text in texts]
        names = np.array(digests, f"S{_NAME_BYTES}")
        by_name = dict(zip(names.tolist(), texts, strict=True))
        distinct, back = np.unique(names, return_inverse=True)
        path = self._root / key / f"texts-{width}"
        return self._filled(path, distinct, width, lambda these: compute([by_name[n] for n in these.tolist()]))[back]

    def _filled(
        self, path: Path, names: npt.NDArray[Any], width: int, compute: Callable[[npt.NDArray[Any]], Floats]
    ) -> Floats:
        """The rows of some ascending names [n] out of one file, which afterwards has them all: float32 [n, D]."""
        record = np.dtype([("name", names.dtype.newbyteorder("<")), ("values", "<f4", width)])
        kept = _read(path, record)
        if not np.isin(names, kept["name"]).all():
            with self._turn(path.parent):
                kept = _read(path, record)  # another process may have been here meanwhile
                missing = names[~np.isin(names, kept["name"])]
                if len(missing):
                    new = np.empty(len(missing), record)
                    new["name"], new["values"] = missing, _checked(compute(missing), len(missing), width)
                    kept = np.concatenate([kept, new])
                    kept = kept[np.argsort(kept["name"])]
                    self._write(path, kept.tobytes())
        with contextlib.suppress(OSError):  # a cache that may only be read is used all the same
            os.utime(path)
        return np.asarray(kept["values"][np.searchsorted(kept["name"], names)], np.float32)

    @contextlib.contextmanager
    def _turn(self, folder: Path) -> Iterator[None]:
        """Take turns at a key with other processes, so that none computes what another is computing."""
        with contextlib.ExitStack() as stack:
            with storage_errors(folder):
                folder.mkdir(parents=True, exist_ok=True)
                file = stack.enter_context((folder / _LOCK).open("ab"))
            until = time.monotonic() + _PATIENCE_SECONDS
            while not _locked(file.fileno()) and time.monotonic() < until:
                time.sleep(_POLL_SECONDS)
            yield

    def _write(self, path: Path, table: bytes) -> None:
        with storage_errors(path):
            self._make_room(_SEAL_BYTES + len(table), path)
            with replacing(path) as part:
                part.write_bytes(_seal(path, table) + table)

    def _make_room(self, size: int, keep: Path) -> None:
        """Drop what was used longest ago until `size` bytes more fit."""
        if size > self._room:
            files = sorted(_files(self._root))
            excess = sum(length for _, length, _ in files) + size - self._max_bytes
            for _, length, path in files:
                if excess > 0 and path != str(keep):
                    remove(Path(path))
                    excess -= length
            self._room = size + min(max(-excess, 0), self._max_bytes // _ROOM)
        self._room -= size


def _files(folder: Path) -> Iterator[tuple[int, int, str]]:
    """(last use in ns, size, path) of every file below, but for the locks."""
    for place, _, names in os.walk(folder):
        for name in names:
            if name != _LOCK:
                with contextlib.suppress(FileNotFoundError):  # removed by another process just now
                    path = os.path.join(place, name)
                    status = os.stat(path)
                    yield status.st_mtime_ns, status.st_size, path


def _locked(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # not every file system has locks
        return True
    return True


def _read(path: Path, record: np.dtype[np.void]) -> npt.NDArray[np.void]:
    """The file's records; none where there is no whole file."""
    with storage_errors(path):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return np.empty(0, record)
    seal, table = data[:_SEAL_BYTES], data[_SEAL_BYTES:]
    return np.frombuffer(table if seal == _seal(path, table) else b"", record)


def _seal(path: Path, table: bytes) -> bytes:
    place = f"{path.parent.name}/{path.name}\0".encode()
    return hashlib.blake2b(place + table, digest_size=_SEAL_BYTES).digest()


def _checked(values: Floats, count: int, width: int) -> Floats:
    values = np.ascontiguousarray(values, np.float32)
    if values.shape != (count, width):
        raise ValueError(f"computed {values.shape}, expected {(count, width)}")
    return values
