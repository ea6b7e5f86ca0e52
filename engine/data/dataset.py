"""What every dataset offers: labelled splits whose images are made or read on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from engine.array_types import Bools, Ints

if TYPE_CHECKING:
    from engine.data.chosen import ClassChoice
    from engine.data.cuts import WholeRows
    from engine.data.repeated import PixelDigests
    from engine.data.vectors import GivenVectors

Images = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class ConceptCandidate:
    """A text that may describe a class.

    Attributes:
        text: the words themselves.
        group: what the text is about, for example `"bill"`, or `""` if unknown.
        truth: index of the column of `Split.truth` that says whether the text is true of an image, or None.
    """

    text: str
    group: str = ""
    truth: int | None = None


@dataclass(frozen=True, slots=True)
class RepeatedImages:
    """How many test images stand among the training images.

    Attributes:
        same_bytes: as the very same file.
        same_pixels: others, as a file of other bytes that shows the same pixels.
    """

    same_bytes: int = 0
    same_pixels: int = 0


class Split(Protocol):
    """One split of a dataset: labels in memory, images on demand."""

    @property
    def labels(self) -> Ints:
        """Class index of every image, shape [N]."""

    @property
    def digest(self) -> str:
        """Hex digest of everything the images depend on; equal digests mean equal images."""

    @property
    def truth(self) -> Bools | None:
        """Which concepts are true of each image, shape [N, number of concepts], or None where nobody knows."""

    @property
    def origin(self) -> WholeRows | None:
        """Which rows of a whole split its images are, where it is a part of one."""

    def images(self, indices: Sequence[int] | Ints, size: int) -> Images:
        """The images at `indices`, uint8 [n, size, size, 3]."""

    def picture_digest(self, index: int) -> str:
        """Hex sha256 of an image's bytes; empty where it has none because it is drawn."""


class Dataset(Protocol):
    """Named classes and their splits. `"train"` and `"test"` always exist; the Aviary adds `"moved"`."""

    @property
    def name(self) -> str: ...

    @property
    def class_names(self) -> tuple[str, ...]: ...

    @property
    def splits(self) -> Mapping[str, Split]: ...

    @property
    def choice(self) -> ClassChoice | None:
        """Which classes these are of all, and how they were called; None where all take part under their own names."""

    @property
    def vectors(self) -> GivenVectors | None:
        """Embeddings of its images and texts where nobody has the pixels; None where a backbone embeds them.

        What needs pixels raises `NotApplicable` there: `Split.images`, unless there are small pictures for people, and
        whatever asks for a backbone.
        """

    @property
    def truth_names(self) -> tuple[str, ...]:
        """Names of the columns of `Split.truth`; empty where there is no truth."""

    @property
    def truth_groups(self) -> tuple[str, ...]:
        """Group of each column of `Split.truth`, aligned with `truth_names`."""

    @property
    def class_digests(self) -> Mapping[str, str]:
        """By class name, a hex digest of its images in all splits: equal digests mean the same images in each.

        The order of images and the names of their files are left out; `Split.digest` has them.
        """

    @property
    def concepts_digest(self) -> str:
        """Hex digest of the concept texts as they were read; empty where there are none."""

    def repeated(self, digests: PixelDigests) -> RepeatedImages:
        """How many images of `"test"` stand in `"train"` too.

        Args:
            digests: gives digests of files' pixels; asked only for what other bytes may show.
        """

    def of_classes(self, choice: ClassChoice) -> Dataset:
        """The same data with some of their classes only, under other names. Asked of whole data (`choice` is None)."""

    def candidates(self, class_index: int) -> tuple[ConceptCandidate, ...]:
        """Texts that may describe the class, good and bad mixed; empty where none are known."""
