"""Images that something lists with a label each (a table, a public dataset) as a dataset of listed images.

Labels become classes, what is for tests is found where the list does not say, and every class must have enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from engine.array_types import Bools, Ints
from engine.data.attributes import AS_THE_CLASS, ImageAttributes
from engine.data.folder import DEFAULT_SEED, DEFAULT_TEST_FRACTION
from engine.data.folder_checks import clean_names, require_images, some
from engine.data.folder_concepts import own_concepts, read_concepts
from engine.data.listed import LabelledPaths, ListedImages, OnProgress, open_listed
from engine.data.regions import Regions
from engine.data.splits import MIN_TEST, MIN_TRAIN, TEST, tests_of
from engine.data.streams import TRAIN
from engine.errors import BadFolder

_MIN_CLASSES = 2


@dataclass(frozen=True, slots=True)
class LabelledImages:
    """What a list says of images, before anything was looked at.

    Attributes:
        name: of the data, for people.
        root: the folder that all images are in, without links in its own path; no link may leave it.
        paths: of the N images.
        labels: of each, the name of its class.
        splits: of each, `"train"` or `"test"`; None where the list does not say.
        attributes: what is true of each, or None.
        regions: where things lie on each, or None.
        order: the names of the classes in their published order; None for by name, or by value if all are numbers.
    """

    name: str
    root: Path
    paths: Sequence[Path]
    labels: Sequence[str]
    splits: Sequence[str] | None = None
    attributes: ImageAttributes | None = None
    regions: Regions | None = None
    order: Sequence[str] | None = None


def open_labelled(
    images: LabelledImages,
    *,
    seed: int = DEFAULT_SEED,
    test_share: float = DEFAULT_TEST_FRACTION,
    gaps: str = AS_THE_CLASS,
    progress: OnProgress | None = None,
) -> ListedImages:
    """Look at every image, and put them in order.

    Args:
        seed, test_share: which and what share of each class is kept for tests where the list does not say; an image's
            lot is drawn from its path, so that others that come or go change little.
        gaps: one of `engine.data.attributes.GAPS`, for attributes that are not known of every image.
        progress: called with (files looked at, files).

    Raises:
        BadFolder: fewer than two classes, an unusable or repeated class name, or a class with too few images.
        BadImage: files that are no images, named with what is wrong with them.
    """
    folders = in_order(set(images.labels)) if images.order is None else list(images.order)
    if len(folders) < _MIN_CLASSES:
        problem = f"it has {len(folders)} classes, and a classifier needs at least {_MIN_CLASSES}"
        raise BadFolder(images.name, problem, "Label the images with at least two names")
    names = clean_names(folders, "Class", "Rename it")
    index_of = {folder: i for i, folder in enumerate(folders)}
    labels = np.array([index_of[label] for label in images.labels], np.int64)
    learnt = _learnt(images, labels, seed, test_share)
    for which, chosen, least in (("training", learnt, MIN_TRAIN), ("test", ~learnt, MIN_TEST)):
        members = np.bincount(labels[chosen], minlength=len(folders)).tolist()
        require_images(folders, members, least, which)
    written = read_concepts(own_concepts(images.root), names, images.root)
    attributes = images.attributes
    if attributes is not None and gaps == AS_THE_CLASS:
        attributes = attributes.filled(labels, learnt)
    columns, truth = attributes.truth() if attributes is not None else ({}, None)
    splits = {
        split: LabelledPaths(
            [path for path, here in zip(images.paths, chosen, strict=True) if here],
            labels[chosen],
            truth[chosen] if truth is not None and columns else None,
            images.regions.of(chosen) if images.regions is not None else None,
        )
        for split, chosen in ((TRAIN, learnt), (TEST, ~learnt))
    }
    concepts = written if attributes is None else attributes.concepts(labels, learnt, written)
    divided = images.splits is None
    return open_listed(
        images.name, images.root, names, splits, concepts, truth=columns, divided=divided, progress=progress
    )


def refuse_repeats(paths: Sequence[Path], places: Sequence[str]) -> None:
    """An image stands in a list once.

    Args:
        places: where each stands, for the message.

    Raises:
        BadFolder: one stands there twice.
    """
    first: dict[Path, str] = {}
    twice = []
    for path, place in zip(paths, places, strict=True):
        if path in first:
            twice.append(f"{path.name} ({first[path]} and {place})")
        first.setdefault(path, place)
    if twice:
        raise BadFolder(some(twice), "an image is listed twice", "Keep one line of each")


def in_order(labels: set[str]) -> list[str]:
    """Labels by name; by value where all of them are whole numbers."""
    numbers = all(label.isascii() and label.isdigit() for label in labels)
    return sorted(labels, key=lambda label: (int(label) if numbers else 0, label))


def _learnt(images: LabelledImages, labels: Ints, seed: int, test_share: float) -> Bools:
    """Which images are training images, [N]."""
    if images.splits is not None:
        return np.array([split == TRAIN for split in images.splits], np.bool_)
    names = [str(path.relative_to(images.root)) for path in images.paths]
    return ~tests_of(names, labels, seed, test_share)
