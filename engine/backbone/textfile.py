"""The file format of cached text embeddings: records of one size, appended and never changed.

    uint32        checksum of the rest of the record
    8 * uint32    sha256 of the text
    D * float32   embedding

A record that a kill or a full disk cut short, or that was damaged, fails its checksum and counts as absent.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
from pathlib import Path

import numpy as np

from engine.backbone.rowfile import Floats, checksums, write_fully

_DIGEST_WORDS = 8


def text_digest(text: str) -> bytes:
    """The name under which a text's embedding is kept."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def appended_bytes(count: int, width: int) -> int:
    """How much a file of `width` numbers a text grows by `count` texts."""
    return count * _record_words(width) * 4


def read_texts(path: Path, width: int) -> dict[bytes, Floats]:
    """Every believable record: text digest -> float32 [D]. No file is no records."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return {}
    per_record = _record_words(width)
    words = np.frombuffer(data, np.uint32, len(data) // (per_record * 4) * per_record).reshape(-1, per_record)
    good = words[words[:, 0] == checksums(words[:, 1:])]
    names = good[:, 1 : 1 + _DIGEST_WORDS]
    values = good[:, 1 + _DIGEST_WORDS :].view(np.float32)
    return {name.tobytes(): row for name, row in zip(names, values, strict=True)}


def append_texts(path: Path, names: list[bytes], values: Floats) -> None:
    """Append one record a digest, all or none. Only one process at a time may do this.

    Args:
        values: float32 [len(names), D].
    """
    words = np.zeros((len(names), _record_words(values.shape[1])), np.uint32)
    words[:, 1 : 1 + _DIGEST_WORDS] = np.frombuffer(b"".join(names), np.uint32).reshape(len(names), _DIGEST_WORDS)
    words[:, 1 + _DIGEST_WORDS :] = values.view(np.uint32)
    words[:, 0] = checksums(words[:, 1:])
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        size = os.fstat(fd).st_size
        _append(fd, words.tobytes(), size - size % (words.shape[1] * 4))  # over a record that was cut short
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


def _record_words(width: int) -> int:
    return 1 + _DIGEST_WORDS + width
