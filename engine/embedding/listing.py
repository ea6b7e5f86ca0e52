"""The pictures of a source in the order of their rows: names, sizes and digests, and not a pixel."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np

from engine.data.embedded import LeftOut
from engine.data.folder_checks import require_images
from engine.data.images import ImageFile
from engine.data.listed import ListedImages, ListedSplit, leaving_out
from engine.data.sources.base import OnProgress, Source
from engine.data.splits import MIN_TEST, MIN_TRAIN
from engine.data.streams import TRAIN
from engine.errors import NotApplicable


@dataclass(frozen=True)
class PictureListing:
    """The pictures of a source, split by split as the source lists them.

    Attributes:
        source: where they come from.
        dataset: the same, opened.
        left_out: files that are no pictures, each with what is wrong with it.
    """

    source: Source
    dataset: ListedImages
    left_out: tuple[LeftOut, ...]

    def __len__(self) -> int:
        return self._ends[-1]

    @cached_property
    def digest(self) -> str:
        """Hex digest of the classes and all pictures."""
        return self._digest(0, len(self), repr(self.dataset.class_names).encode())

    def digest_of(self, first: int, count: int) -> str:
        """Hex digest of `count` pictures from place `first` on: names, sizes, contents, labels and splits."""
        return self._digest(first, count, b"")

    def _digest(self, first: int, count: int, head: bytes) -> str:
        whole = hashlib.sha256(head)
        for split, row, file in self.pictures(first, count):
            name = os.fsencode(file.path.relative_to(file.root))
            label = str(int(self.dataset.splits[split].labels[row]))
            whole.update(b"\0".join([name, f"{file.bytes}\0{file.sha256}\0{split}\0{label}\n".encode()]))
        return whole.hexdigest()

    def pictures(self, first: int, count: int) -> Iterator[tuple[str, int, ImageFile]]:
        """Split, row in it, and file of `count` pictures from place `first` on."""
        begin = 0
        for (name, split), end in zip(self._splits, self._ends, strict=True):
            for row in range(max(first, begin) - begin, min(first + count, end) - begin):
                yield name, row, split.files[row]
            begin = end

    @cached_property
    def _splits(self) -> tuple[tuple[str, ListedSplit], ...]:
        return tuple(self.dataset.splits.items())

    @cached_property
    def _ends(self) -> tuple[int, ...]:
        return tuple(accumulate(len(split.files) for _, split in self._splits))


def listed(source: Source, progress: OnProgress | None = None) -> PictureListing:
    """Open a source; files in it that are no pictures are left out.

    Args:
        progress: called with (files looked at, files).

    Raises:
        BadInput: it cannot be used.
        NotApplicable: its pictures are no files.
    """
    with leaving_out() as found:
        dataset = source.open(progress)
    if not isinstance(dataset, ListedImages):
        problem = "its pictures are no files: they are drawn, or embedded already"
        raise NotApplicable(f"data of {source.name}", problem, "Give a folder, an archive, a table or shards")
    for name, split in dataset.splits.items():
        counts = np.bincount(split.labels, minlength=len(dataset.class_names)).tolist()
        least, which = (MIN_TRAIN, "training") if name == TRAIN else (MIN_TEST, name)
        require_images(dataset.class_names, counts, least, which)
    where = os.fspath(dataset.root) + os.sep
    left = sorted((as_text(one.given.removeprefix(where)), as_text(one.allowed)) for one in found)
    return PictureListing(source, dataset, tuple(left))


def name_of(file: ImageFile) -> str:
    """What a picture is called below the folder of its data, as a text that can be written down."""
    return as_text(os.fspath(file.path.relative_to(file.root)))


def as_text(name: str) -> str:
    """A name of any bytes as a text."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
