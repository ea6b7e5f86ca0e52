"""The file format of cached text embeddings: records of one size, appended and never changed.

    8 bytes      checksum (see `engine.backbone.marks`)
    32 bytes     sha256 of the text: the name of the row
    D * 4 bytes  embedding, float32

A record that a kill or a full disk cut short, that was damaged, or that is of another file, fails its checksum and
counts as absent.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

import numpy as np

from engine.array_types import Floats
from engine.backbone.marks import MARK_BYTES, marks_of
from engine.backbone.rowfile import write_fully

_NAME_BYTES = hashlib.sha256().digest_size


def text_digest(text: str) -> bytes:
    """The name under which a text's embedding is kept."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def appended_bytes(count: int, width: int) -> int:
    """How much a file of `width` numbers a text grows by `count` texts."""
    return count * _record(width).itemsize


def read_texts(path: Path, key: str, width: int) -> dict[bytes, Floats]:
    """Every believable record: text digest -> float32 [D]. No file is no records.

    Args:
        key: the file's, as it was when the records were appended.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    record = _record(width)
    found = np.frombuffer(data, record, len(data) // record.itemsize)
    names = [name.tobytes() for name in found["name"]]
    good = found["mark"] == marks_of(key, names, found["values"])
    return {name: row for name, row, whole in zip(names, found["values"], good, strict=True) if whole}


def append_texts(path: Path, key: str, names: list[bytes], values: Floats) -> None:
    """Append one record a digest, all or none. Only one process at a time may do this.

    Args:
        key: the file's.
        values: float32 [len(names), D].
    """
    records = np.zeros(len(names), _record(values.shape[1]))
    records["name"] = np.frombuffer(b"".join(names), np.uint8).reshape(len(names), _NAME_BYTES)
    records["values"] = values
    records["mark"] = marks_of(key, names, values)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        size = os.fstat(fd).st_size
        _append(fd, records.tobytes(), size - size % records.itemsize)  # over a record that was cut short
    finally:
        os.close(fd)


def _append(fd: int, data: bytes, end: int) -> None:
    try:
        write_fully(fd, data, end)
        os.fsync(fd)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(fd, end)
        raise


def _record(width: int) -> np.dtype[np.void]:
    return np.dtype([("mark", f"<u{MARK_BYTES}"), ("name", "u1", _NAME_BYTES), ("values", "<f4", width)])
