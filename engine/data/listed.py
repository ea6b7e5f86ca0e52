"""Images by path, each with its label, as a dataset: what folders, archives, tables and public datasets come down to.

The files may come from anywhere, so nothing is trusted: every one is looked at when the data are opened, and what is
wrong is reported all at once.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from engine.array_types import Bools, Ints
from engine.data.chosen import ClassChoice
from engine.data.cuts import Cut, WholeRows, of_classes
from engine.data.dataset import ConceptCandidate, Images, RepeatedImages
from engine.data.folder_checks import bad_images
from engine.data.folder_concepts import Concepts
from engine.data.images import ImageFile, inspected_sides, read_inspected
from engine.data.listing_cache import inspecting
from engine.data.regions import Regions
from engine.data.repeated import PixelDigests, repeated
from engine.data.splits import TEST, class_digests
from engine.data.streams import TRAIN
from engine.errors import BadImage

_PREPARATION = "plumage-folder-1"
"""Part of every digest: change it together with how pixels are prepared."""

OnProgress = Callable[[int, int], None]
_SPARED: ContextVar[list[BadImage] | None] = ContextVar("spared", default=None)


@dataclass(frozen=True, slots=True)
class ListedSplit:
    """One split of listed images. See `engine.data.dataset.Split`, and `engine.data.regions.Located` where there are
    regions."""

    files: tuple[ImageFile, ...]
    labels: Ints
    digest: str
    truth: Bools | None = field(default=None)
    regions: Regions | None = field(default=None)
    origin: WholeRows | None = field(default=None)

    def part(self, cut: Cut) -> ListedSplit:
        """Some of its images."""
        truth = None if self.truth is None else self.truth[cut.rows]
        regions = None if self.regions is None else self.regions.of(cut.rows)
        files = tuple(self.files[int(i)] for i in cut.rows)
        return ListedSplit(files, cut.labels, cut.digest, truth, regions, cut.origin)

    def images(self, indices: Sequence[int] | Ints, size: int) -> Images:
        """The images at `indices`, uint8 [n, size, size, 3].

        Raises:
            BadImage: a file has other bytes than when the data were opened, or its pixels are damaged.
        """
        read = [read_inspected(self.files[int(i)], size) for i in indices]
        return np.stack(read) if read else np.zeros((0, size, size, 3), np.uint8)

    @property
    def located(self) -> frozenset[str]:
        """Groups of concepts whose place on the images is known."""
        return frozenset(self.regions.parts) if self.regions is not None else frozenset()

    @property
    def outlined(self) -> bool:
        """Boxes and points are no outlines."""
        return False

    def where(self, indices: Sequence[int] | Ints, size: int) -> Mapping[str, Bools]:
        """By group, masks [n, size, size]; nothing is marked on an image that is shown turned.

        Raises:
            BadImage: a file has other bytes than when the data were opened.
        """
        masks = {group: np.zeros((len(indices), size, size), np.bool_) for group in self.located}
        for at, i in enumerate(indices):
            sides = inspected_sides(self.files[int(i)])
            if self.regions is not None and sides is not None:
                for group, mask in self.regions.masks(int(i), sides, size).items():
                    masks[group][at] = mask
        return masks

    def picture_digest(self, index: int) -> str:
        """Hex sha256 of the bytes that an image's file had when the data were opened."""
        return self.files[index].sha256


@dataclass(frozen=True, slots=True)
class ListedImages:
    """Images by path, opened by `open_listed`. See `engine.data.dataset.Dataset`.

    Attributes:
        root: the folder that all of them are in.
        skipped: paths of files beside them that do not look like images, relative to the root.
        divided: nobody said which are for tests, so a share of each class was kept.
    """

    name: str
    root: Path
    class_names: tuple[str, ...]
    splits: Mapping[str, ListedSplit]
    concepts: Concepts
    skipped: tuple[str, ...] = ()
    truth_names: tuple[str, ...] = ()
    truth_groups: tuple[str, ...] = ()
    divided: bool = False
    vectors: None = None
    choice: ClassChoice | None = None

    @property
    def class_digests(self) -> Mapping[str, str]:
        """By class name, a hex digest of the content of its files and the splits they are in."""
        content = {name: [file.sha256 for file in split.files] for name, split in self.splits.items()}
        labels = {name: split.labels for name, split in self.splits.items()}
        return class_digests(self.class_names, content, labels, _PREPARATION)

    @property
    def concepts_digest(self) -> str:
        """Hex digest of the concept texts as they were read; empty where there are none."""
        return self.concepts.digest

    def repeated(self, digests: PixelDigests) -> RepeatedImages:
        """How many test images stand among the training images, as the same file or with the same pixels."""
        return repeated(self.splits[TRAIN].files, self.splits[TEST].files, digests)

    def of_classes(self, choice: ClassChoice) -> ListedImages:
        """The same data with some of their classes only, under other names."""
        splits = {
            name: split.part(of_classes(split, choice.kept, len(choice.source))) for name, split in self.splits.items()
        }
        concepts = Concepts(tuple(self.concepts.candidates[c] for c in choice.kept), self.concepts.digest)
        return replace(self, class_names=choice.names, splits=splits, concepts=concepts, choice=choice)

    def candidates(self, class_index: int) -> tuple[ConceptCandidate, ...]:
        """Texts that may describe the class; empty where none are known."""
        return self.concepts.candidates[class_index]


@contextmanager
def leaving_out() -> Iterator[list[BadImage]]:
    """Within it, whatever opens images by path leaves out those that are none, in place of refusing all.

    Gives the list that they are put on, each with what is wrong with it.
    """
    found: list[BadImage] = []
    token = _SPARED.set(found)
    try:
        yield found
    finally:
        _SPARED.reset(token)


@dataclass(frozen=True, slots=True)
class LabelledPaths:
    """One split before its files were looked at.

    Attributes:
        paths: of the images.
        labels: class index of each, [N].
        truth: which concepts are true of each, [N, number of concepts], or None.
        regions: where things lie on each, or None.
    """

    paths: Sequence[Path]
    labels: Ints
    truth: Bools | None = None
    regions: Regions | None = None

    def at(self, rows: Ints) -> LabelledPaths:
        """Some of the images."""
        truth = None if self.truth is None else self.truth[rows]
        regions = None if self.regions is None else self.regions.of(rows)
        return LabelledPaths([self.paths[row] for row in rows.tolist()], self.labels[rows], truth, regions)


def open_listed(
    name: str,
    root: Path,
    class_names: Sequence[str],
    listings: Mapping[str, LabelledPaths],
    concepts: Concepts,
    *,
    skipped: Sequence[str] = (),
    truth: Mapping[str, str] | None = None,
    divided: bool = False,
    progress: OnProgress | None = None,
) -> ListedImages:
    """Look at every file; those that stayed as they were when they were last looked at are not read again, see
    `engine.data.listing_cache`.

    Args:
        root: the folder that no link may leave, without links in its own path.
        listings: by split, `"train"` and `"test"` among them.
        truth: by name of each column of the listings' truth, its group.
        divided: whether it was drawn by lot which are for tests.
        progress: called with (files looked at, files).

    Raises:
        BadImage: files that are no images, named with what is wrong with them; not within `leaving_out`.
    """
    total = sum(len(listing.paths) for listing in listings.values())
    problems: list[BadImage] = []
    splits, done = {}, 0
    with inspecting(root) as inspect:
        for split, listing in listings.items():
            good, rows = [], []
            for row, path in enumerate(listing.paths):
                try:
                    good.append(inspect(path))
                    rows.append(row)
                except BadImage as problem:
                    problems.append(problem)
                done += 1
                if progress is not None:
                    progress(done, total)
            kept = listing if len(good) == len(listing.paths) else listing.at(np.array(rows, np.int64))
            splits[split] = ListedSplit(tuple(good), kept.labels, files_digest(root, good), kept.truth, kept.regions)
    if problems:
        if (spared := _SPARED.get()) is None:
            raise bad_images(root, problems)
        spared.extend(problems)
    columns = truth or {}
    groups = tuple(columns.values())
    return ListedImages(
        name, root, tuple(class_names), splits, concepts, tuple(skipped), tuple(columns), groups, divided
    )


def files_digest(root: Path, files: Sequence[ImageFile]) -> str:
    """Hex digest of names and contents of a split's files, in their order."""
    whole = hashlib.sha256(_PREPARATION.encode())
    for file in files:
        name = os.fsencode(file.path.relative_to(root))
        whole.update(b"\0".join([name, str(file.bytes).encode(), file.sha256.encode()]) + b"\n")
    return whole.hexdigest()
