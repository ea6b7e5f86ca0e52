"""Images of a run's data for exhibits. Whoever shows them says how they are drawn: a page keeps what it drew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from engine.data.dataset import Dataset
from engine.data.streams import TRAIN
from engine.data.typical import typical
from engine.figures.heat import data_address

SIZE = 168
"""Pixels of a thumbnail; shown at half to full that size."""

Draw = Callable[[str, Sequence[int]], list[str]]
"""Makes data addresses of images: given a split of the dataset and rows of it, in their order."""


def drawing(dataset: Dataset, size: int = SIZE) -> Draw:
    """Draws every image when asked, and keeps none."""

    def draw(split: str, rows: Sequence[int]) -> list[str]:
        if not len(rows):
            return []
        return [data_address(image) for image in dataset.splits[split].images(np.asarray(rows, np.int64), size)]

    return draw


def samples(dataset: Dataset, class_id: int, nearest: Mapping[int, int], each: int = 1) -> list[int]:
    """Rows of the most typical training images of a class (`engine.data.typical`).

    Args:
        nearest: of each class the image nearest to its mean, as far as the run has kept them (`RunView.nearest`).
    """
    found: list[int] = typical(dataset.splits[TRAIN], class_id, nearest.get(class_id))[:each].tolist()
    return found
