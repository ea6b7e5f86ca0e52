"""Marks of cached rows: checksums that include what a row is called, so that no row passes for another.

A row's mark is BLAKE2b (RFC 7693), 64 bits, of the file's key, the row's own name and its numbers: damage, or a row in
a place that is not its own, goes unnoticed once in 2^64 times.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt

from engine.array_types import Floats

Marks = npt.NDArray[np.uint64]

MARK_BYTES = 8


def marks_of(key: str, names: Iterable[bytes], values: Floats) -> Marks:
    """The mark of every row of `values` [n, D], never 0.

    Args:
        key: of the file.
        names: what each row is called in it.

    Returns:
        uint64 [n].
    """
    start = hashlib.blake2b(len(key).to_bytes(8, "little") + key.encode(), digest_size=MARK_BYTES)
    found = np.zeros(len(values), np.uint64)
    for i, (name, row) in enumerate(zip(names, np.ascontiguousarray(values, np.float32), strict=True)):
        whole = start.copy()
        whole.update(name)
        whole.update(row)
        found[i] = int.from_bytes(whole.digest(), "little") or 1
    return found
