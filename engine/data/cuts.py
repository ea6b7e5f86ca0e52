"""Splits that are part of another split: some of its images, under other class numbers.

Embeddings are kept by split and row (`engine.training.embedder`). A part remembers which rows of which split its images
are, so that whoever leaves classes or pictures out embeds nothing again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Ints

if TYPE_CHECKING:
    from engine.data.dataset import Split


@dataclass(frozen=True, eq=False, slots=True)
class WholeRows:
    """Where the N images of a part come from.

    Attributes:
        digest: of the whole split.
        count: images of the whole split.
        rows: of each image, its row in the whole split, ascending, [N].
    """

    digest: str
    count: int
    rows: Ints


@dataclass(frozen=True, eq=False, slots=True)
class Cut:
    """Some images of a split.

    Attributes:
        rows: theirs, ascending, [N].
        labels: class index of each in the part, [N].
        origin: where they come from in the end.
        digest: hex digest of the part.
    """

    rows: Ints
    labels: Ints
    origin: WholeRows
    digest: str


def cut(split: Split, rows: Ints, labels: Ints) -> Cut:
    """Cut images out of a split.

    Args:
        rows: theirs, ascending, [N].
        labels: the new class index of each, [N].
    """
    whole = split.origin
    origin = WholeRows(split.digest, len(split.labels), rows)
    if whole is not None:
        origin = WholeRows(whole.digest, whole.count, whole.rows[rows])
    parts = (split.digest.encode(), np.asarray(rows, np.int64).tobytes(), np.asarray(labels, np.int64).tobytes())
    return Cut(rows, labels, origin, hashlib.sha256(b"\0".join(parts)).hexdigest())


def of_classes(split: Split, kept: Sequence[int], classes: int) -> Cut:
    """Cut out the images of some classes, which are numbered anew in the order given.

    Args:
        kept: numbers of the classes.
        classes: how many there are.
    """
    now = np.full(classes, -1, np.int64)
    now[list(kept)] = np.arange(len(kept))
    labels = now[split.labels]
    rows = np.flatnonzero(labels >= 0)
    return cut(split, rows, labels[rows])
