"""All pictures of a dataset in one row, whatever split they are in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Ints
from engine.data.dataset import Dataset
from engine.data.images import ImageFile, shown
from engine.data.listed import ListedImages
from engine.data.streams import TRAIN


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a dataset.

    Attributes:
        split: name of its split.
        row: its place in that.
        label: index of its class.
        name: its path below the data's folder, for people; its split and row where it is no file.
    """

    split: str
    row: int
    label: int
    name: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """The N pictures of all splits, those for training first.

    Attributes:
        splits: names of the splits, in the order in which their pictures stand here.
        which: index into `splits` of each, [N].
        rows: of each in its split, [N].
        labels: class index of each, [N].
        files: of each, or nothing where the pictures are no files.
    """

    splits: tuple[str, ...]
    which: Ints
    rows: Ints
    labels: Ints
    files: Sequence[ImageFile] = ()

    def __len__(self) -> int:
        return len(self.labels)

    def picture(self, index: int) -> Picture:
        """One of them."""
        split, row = self.splits[self.which[index]], int(self.rows[index])
        file = self.files[index] if self.files else None
        name = shown(file.path.relative_to(file.root)) if file else f"{split} {row + 1}"
        return Picture(split, row, int(self.labels[index]), name)


def pictures_of(dataset: Dataset) -> Pictures:
    """Every picture that a dataset has."""
    splits = tuple(sorted(dataset.splits, key=lambda name: (name != TRAIN, name)))
    sizes = [len(dataset.splits[name].labels) for name in splits]
    listed = dataset.splits if isinstance(dataset, ListedImages) else {}
    return Pictures(
        splits,
        np.repeat(np.arange(len(splits)), sizes),
        np.concatenate([np.arange(size) for size in sizes]),
        np.concatenate([dataset.splits[name].labels for name in splits]),
        [file for name in splits if name in listed for file in listed[name].files],
    )
