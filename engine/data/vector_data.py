"""Arrays of embeddings, labels and texts put together as a dataset."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np

from engine.array_types import Bools, Floats, Ints
from engine.data.dataset import ConceptCandidate
from engine.data.folder_checks import clean_names, require_images
from engine.data.images import shown
from engine.data.labelled import in_order
from engine.data.splits import MIN_TEST, MIN_TRAIN, TEST, split_of, tests_of
from engine.data.streams import TRAIN
from engine.data.vector_arrays import NAMES, NEEDED, Array, Arrays, refuse_others
from engine.data.vectors import GivenVectors, VectorData, VectorSplit
from engine.errors import BadFolder, BadInput

_EVERY_CLASS = -1
_MIN_CLASSES, _MAX_CLASSES = 2, 100_000


def vector_data(arrays: Arrays, *, seed: int, test_share: float) -> VectorData:
    """Put arrays together.

    Args:
        seed, test_share: which and what share of each class is kept for tests where no split is given.

    Raises:
        BadInput: an array is missing, unknown or not what it must be.
        BadFolder: fewer than two classes, an unusable or repeated class name, or a class with too few images.
    """
    _check_names(arrays)
    images = arrays.embeddings("images")
    count, width = images.shape
    folders, labels = _classes(arrays, count)
    names = clean_names(folders, "Class", "Rename it")
    learnt = _learnt(arrays, images, labels, seed, test_share)
    for which, chosen, least in (("training", learnt, MIN_TRAIN), ("test", ~learnt, MIN_TEST)):
        require_images(folders, np.bincount(labels[chosen], minlength=len(folders)).tolist(), least, which)
    texts = _Texts(arrays)
    if "class_embeddings" in arrays:
        texts.add("class_names", names, arrays.embeddings("class_embeddings", width, len(names)))
    listed = _listed(arrays, texts, len(names), width)
    small = arrays.thumbnails(count) if "thumbnails" in arrays else None
    splits = {
        name: _split(images[chosen], labels[chosen], None if small is None else small[chosen])
        for name, chosen in ((TRAIN, learnt), (TEST, ~learnt))
    }
    vectors = GivenVectors({name: split.vectors for name, split in splits.items()}, texts.rows, texts.joined(width))
    return VectorData(arrays.source, names, splits, vectors, listed, divided="split" not in arrays)


class _Texts:
    """Gathers embeddings by text, each text once."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays
        self.rows: dict[str, int] = {}
        self._vectors: list[Floats] = []

    def add(self, name: str, texts: Sequence[str], vectors: Floats) -> None:
        """Add texts of an array; one that is there already must have the embedding that it has."""
        same = []
        for text, vector in zip(texts, vectors, strict=True):
            known = self.rows.setdefault(text, len(self._vectors))
            if known == len(self._vectors):
                self._vectors.append(vector)
            same.append(np.array_equal(self._vectors[known], vector))
        self._arrays.require(name, same, lambda row: f"{shown(texts[row], 60)!r} was there with another embedding")

    def joined(self, width: int) -> Floats:
        """All of them, [K, D]."""
        return np.stack(self._vectors) if self._vectors else np.zeros((0, width), np.float32)


def _check_names(arrays: Arrays) -> None:
    refuse_others(arrays.source, arrays.found, NAMES)
    missing = [name for name in NEEDED if name not in arrays]
    if missing:
        raise BadInput(arrays.source, f"it has no array {missing[0]!r}; known are {', '.join(NAMES)}", "Add it")
    for name, other in (("class_embeddings", "class_names"), ("concepts", "concept_embeddings")):
        for one, beside in ((name, other), (other, name)):
            if one in arrays and beside not in arrays and one != "class_names":
                raise arrays.wrong(one, f"it needs {beside!r} beside it, which is missing")


def _classes(arrays: Arrays, count: int) -> tuple[list[str], Ints]:
    """Names of the classes as they are given, and the class index of each image, [N]."""
    names = arrays.texts("class_names") if "class_names" in arrays else None
    if arrays.found["labels"].dtype.kind == "U":
        said = arrays.texts("labels", count)
        found = in_order(set(said)) if names is None else names
        index_of = {name: c for c, name in enumerate(found)}
        known = [text in index_of for text in said]
        arrays.require("labels", known, lambda row: f"no class is called {shown(said[row], 40)!r}")
        labels = np.array([index_of[text] for text in said], np.int64)
    else:
        labels = arrays.numbers("labels", count, 0, _MAX_CLASSES if names is None else len(names))
        found = [str(c) for c in range(int(labels.max(initial=-1)) + 1)] if names is None else names
    if len(found) < _MIN_CLASSES:
        problem = f"it has {len(found)} classes, and a classifier needs at least {_MIN_CLASSES}"
        raise BadFolder(arrays.source, problem, "Label the images with at least two classes")
    return found, labels


def _learnt(arrays: Arrays, images: Floats, labels: Ints, seed: int, test_share: float) -> Bools:
    """Which images are training images, [N]."""
    if "split" in arrays:
        said = arrays.texts("split", len(labels))
        splits = [split_of(word) for word in said]
        known = [split is not None for split in splits]
        arrays.require("split", known, lambda row: f"{shown(said[row], 40)!r} is no split")
        return np.array([split == TRAIN for split in splits], np.bool_)
    ids = arrays.texts("ids", len(labels)) if "ids" in arrays else [row.tobytes().hex() for row in images]
    return ~tests_of(ids, labels, seed, test_share)


def _listed(arrays: Arrays, texts: _Texts, classes: int, width: int) -> tuple[tuple[ConceptCandidate, ...], ...]:
    """The concepts of each class."""
    if "concepts" not in arrays:
        return ((),) * classes
    vectors = arrays.embeddings("concept_embeddings", width)
    count = len(vectors)
    names = arrays.texts("concepts", count)
    texts.add("concepts", names, vectors)
    groups = arrays.texts("concept_groups", count, blank=True) if "concept_groups" in arrays else [""] * count
    owners = np.full(count, _EVERY_CLASS)
    if "concept_class" in arrays:
        owners = arrays.numbers("concept_class", count, _EVERY_CLASS, classes)
    found: list[dict[str, ConceptCandidate]] = [{} for _ in range(classes)]
    for name, group, owner in zip(names, groups, owners.tolist(), strict=True):
        for c in range(classes) if owner == _EVERY_CLASS else (owner,):
            found[c].setdefault(name, ConceptCandidate(name, group))
    return tuple(tuple(each.values()) for each in found)


def _split(vectors: Floats, labels: Ints, thumbnails: Array | None) -> VectorSplit:
    whole = hashlib.sha256(vectors.tobytes() + labels.tobytes()).hexdigest()
    return VectorSplit(vectors, labels, thumbnails, whole)
