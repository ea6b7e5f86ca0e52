"""How many pictures each class has in each split, and whether that is uneven."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.array_types import Ints
from engine.health.pictures import Pictures


@dataclass(frozen=True, slots=True)
class Counts:
    """Pictures by class and split.

    Attributes:
        table: [C, splits], splits in the order of `Pictures.splits`.
        ratio: training pictures of the largest class over those of the smallest.
    """

    table: Ints
    ratio: float


def counts(pictures: Pictures, classes: int) -> Counts:
    """Count them."""
    table = np.zeros((classes, len(pictures.splits)), np.int64)
    np.add.at(table, (pictures.labels, pictures.which), 1)
    train = table[:, 0]
    return Counts(table, float(train.max() / max(int(train.min()), 1)))
