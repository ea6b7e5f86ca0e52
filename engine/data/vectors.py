"""Embeddings in place of pixels: a dataset that somebody embedded elsewhere, with the texts that belong to it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image

from engine.array_types import Floats, Ints
from engine.data.chosen import ClassChoice
from engine.data.cuts import Cut, WholeRows, of_classes
from engine.data.dataset import ConceptCandidate, Images, RepeatedImages
from engine.data.images import square
from engine.data.repeated import PixelDigests
from engine.data.splits import TEST, class_digests
from engine.data.streams import TRAIN
from engine.errors import NotApplicable

_PREPARATION = "plumage-vectors-1"
"""Part of every class's digest: change it together with how vectors are prepared."""


@dataclass(frozen=True, slots=True)
class GivenVectors:
    """Embeddings of images and texts: they stand in place of a backbone.

    Attributes:
        images: by split, float32 [N, D], unit length.
        rows: by text, its row of `texts`.
        texts: float32 [K, D], unit length.
    """

    images: Mapping[str, Floats]
    rows: Mapping[str, int]
    texts: Floats

    @property
    def width(self) -> int:
        """D."""
        return int(self.texts.shape[1])

    @property
    def digest(self) -> str:
        """Hex digest of the texts and their embeddings; those of images are the data's."""
        return hashlib.sha256(repr(list(self.rows)).encode() + self.texts.tobytes()).hexdigest()

    def unknown(self, texts: Iterable[str]) -> frozenset[str]:
        """The texts that have no embedding."""
        return frozenset(text for text in texts if text not in self.rows)

    def of(self, texts: Sequence[str]) -> Floats:
        """The embeddings of some texts, [n, D].

        Raises:
            NotApplicable: one has none.
        """
        missing = sorted(self.unknown(texts))
        if missing:
            told = f"the data bring embeddings of {len(self.rows)} texts, and {missing[0][:80]!r} is not among them"
            raise NotApplicable("texts of this run", told, "Add its embedding to the data, or train on pictures")
        return self.texts[[self.rows[text] for text in texts]]


@dataclass(frozen=True, slots=True)
class VectorSplit:
    """One split of embedded images. See `engine.data.dataset.Split`.

    Attributes:
        vectors: float32 [N, D], unit length.
        thumbnails: uint8 [N, S, S, 3], small pictures for people, or None.
        digest: hex digest of vectors and labels.
    """

    vectors: Floats
    labels: Ints
    thumbnails: Images | None
    digest: str
    truth: None = None
    origin: WholeRows | None = None

    def part(self, cut: Cut) -> VectorSplit:
        """Some of its images."""
        small = None if self.thumbnails is None else self.thumbnails[cut.rows]
        return VectorSplit(self.vectors[cut.rows], cut.labels, small, cut.digest, origin=cut.origin)

    def images(self, indices: Sequence[int] | Ints, size: int) -> Images:
        """The small pictures at `indices`, uint8 [n, size, size, 3]: for people, since nothing can embed them.

        Raises:
            NotApplicable: there are none.
        """
        if self.thumbnails is None:
            raise NotApplicable(
                "pictures of this run", "its data are embeddings without pixels", "Add thumbnails to the data"
            )
        chosen = [Image.fromarray(self.thumbnails[int(i)]) for i in indices]
        drawn = [np.asarray(square(one, size)) for one in chosen]
        return np.stack(drawn) if drawn else np.zeros((0, size, size, 3), np.uint8)

    def picture_digest(self, index: int) -> str:
        """Hex sha256 of an image's embedding."""
        return _row_digest(self.vectors[index])


@dataclass(frozen=True, slots=True)
class VectorData:
    """Embedded images. See `engine.data.dataset.Dataset`.

    Attributes:
        vectors: the embeddings of its images, class names and concepts.
        listed: by class, the concepts that may describe it.
        divided: nobody said which are for tests, so a share of each class was kept.
    """

    name: str
    class_names: tuple[str, ...]
    splits: Mapping[str, VectorSplit]
    vectors: GivenVectors
    listed: tuple[tuple[ConceptCandidate, ...], ...]
    divided: bool = False
    truth_names: tuple[str, ...] = ()
    truth_groups: tuple[str, ...] = ()
    choice: ClassChoice | None = None

    @property
    def class_digests(self) -> Mapping[str, str]:
        """By class name, a hex digest of its embeddings and the splits they are in."""
        content = {name: [*map(_row_digest, split.vectors)] for name, split in self.splits.items()}
        labels = {name: split.labels for name, split in self.splits.items()}
        return class_digests(self.class_names, content, labels, _PREPARATION)

    @property
    def concepts_digest(self) -> str:
        """Hex digest of the concepts of every class; empty where there are none."""
        said = [[(concept.text, concept.group) for concept in each] for each in self.listed]
        return hashlib.sha256(repr(said).encode()).hexdigest() if any(said) else ""

    def repeated(self, digests: PixelDigests) -> RepeatedImages:
        """How many test images have the very embedding of a training image; of pixels nobody knows."""
        train, test = ({row.tobytes() for row in self.splits[name].vectors} for name in (TRAIN, TEST))
        both = train & test
        return RepeatedImages(same_bytes=sum(row.tobytes() in both for row in self.splits[TEST].vectors))

    def of_classes(self, choice: ClassChoice) -> VectorData:
        """The same data with some of their classes only, under other names.

        A new name of which the data bring no embedding has that of the name in whose place it stands.
        """
        splits = {
            name: split.part(of_classes(split, choice.kept, len(choice.source))) for name, split in self.splits.items()
        }
        rows = dict(self.vectors.rows)
        for c, name in zip(choice.kept, choice.names, strict=True):
            if choice.source[c] in self.vectors.rows:
                rows.setdefault(name, self.vectors.rows[choice.source[c]])
        vectors = replace(self.vectors, images={name: split.vectors for name, split in splits.items()}, rows=rows)
        listed = tuple(self.listed[c] for c in choice.kept)
        return replace(self, class_names=choice.names, splits=splits, vectors=vectors, listed=listed, choice=choice)

    def candidates(self, class_index: int) -> tuple[ConceptCandidate, ...]:
        """The concepts that may describe the class; empty where none are given."""
        return self.listed[class_index]


def _row_digest(vector: Floats) -> str:
    return hashlib.sha256(vector.tobytes()).hexdigest()
