"""Arrays of embeddings, labels and texts from anywhere, held against what each must be.

Every complaint names the array, and the first row that is wrong.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.array_types import Bools, Floats, Ints
from engine.data.images import shown
from engine.data.texts.read import MAX_CHARACTERS
from engine.errors import BadInput

Array = npt.NDArray[Any]

NAMES: Mapping[str, str] = {
    "images": "numbers [N, D]: the images' embeddings",
    "labels": "[N]: numbers of classes from 0, or their names",
    "split": "texts [N]: train, val or test",
    "class_names": "texts [C]",
    "class_embeddings": "numbers [C, D]: of the class names",
    "concepts": "texts [K]",
    "concept_embeddings": "numbers [K, D]: of the concepts",
    "concept_class": "whole numbers [K]: the class that each may describe, -1 for every class",
    "concept_groups": "texts [K]: what each is about",
    "ids": "texts [N]: names of the images, by which some are kept for tests where no split is given",
    "thumbnails": "uint8 [N, S, S, 3]: small pictures for people",
}
NEEDED = ("images", "labels")
TEXTS = ("class_names", "class_embeddings", "concepts", "concept_embeddings", "concept_class", "concept_groups")
"""Those of texts alone."""
_LARGEST_THUMBNAIL = 512
_REMEDY = "Correct the array"


@dataclass(frozen=True, slots=True)
class Arrays:
    """Arrays by name, as they were read.

    Attributes:
        source: what they came from, for messages.
        found: by their names in `NAMES`.
    """

    source: str
    found: Mapping[str, Array]

    def __contains__(self, name: str) -> bool:
        return name in self.found

    def wrong(self, name: str, problem: str, row: int | None = None) -> BadInput:
        """The error for an array, or a row of it."""
        place = f"{self.source}: {name}" + ("" if row is None else f", row {row}")
        return BadInput(place, f"{problem}; it is {NAMES[name]}", _REMEDY)

    def texts(self, name: str, count: int | None = None, blank: bool = False) -> list[str]:
        """An array of texts, without spare spaces.

        Args:
            blank: whether one may be empty.
        """
        values = [" ".join(value.split()) for value in self._of(name, "U", (count,)).tolist()]
        limits = f"of {0 if blank else 1} to {MAX_CHARACTERS} characters"
        sound = [value.isprintable() and (not blank) <= len(value) <= MAX_CHARACTERS for value in values]
        self.require(name, sound, lambda row: f"{shown(values[row], 40)!r} is no text {limits}")
        return values

    def numbers(self, name: str, count: int, low: int, high: int) -> Ints:
        """An array of whole numbers from `low` to below `high`."""
        values = self._of(name, "iu", (count,))
        within = np.asarray((values >= low) & (values < high))
        self.require(name, within, lambda row: f"{values[row]} is not in {low}..{high - 1}")
        return values.astype(np.int64)

    def embeddings(self, name: str, width: int | None = None, count: int | None = None) -> Floats:
        """An array of embeddings, brought to unit length."""
        array = self._of(name, "f", (count, width))
        if not array.shape[1]:
            raise self.wrong(name, "its rows are empty")
        values = np.ascontiguousarray(array, np.float32)
        finite = np.asarray(np.isfinite(values).all(1))
        self.require(name, finite, lambda row: "a number in it is not finite")
        lengths = np.linalg.norm(values.astype(np.float64), axis=1)  # the square of a large float32 is none
        self.require(name, lengths > 0, lambda row: "all its numbers are 0, which has no direction")
        return np.asarray(values / lengths[:, None], np.float32)

    def require(self, name: str, sound: Sequence[bool] | Bools, why: Callable[[int], str]) -> None:
        """All rows of an array are sound.

        Args:
            sound: which are, [N].
            why: says why a row is not.

        Raises:
            BadInput: about the first that is not.
        """
        odd = np.flatnonzero(~np.asarray(sound, np.bool_))
        if len(odd):
            raise self.wrong(name, why(int(odd[0])), int(odd[0]))

    def thumbnails(self, count: int) -> Array:
        """An array of small pictures."""
        small = self.found["thumbnails"]
        square = small.ndim == 4 and small.shape[1] == small.shape[2] and 1 <= small.shape[1] <= _LARGEST_THUMBNAIL
        if small.dtype != np.uint8 or not square or small.shape[::3] != (count, 3):
            told = f"it holds {small.dtype.name} {list(small.shape)}, with N = {count}, S at most {_LARGEST_THUMBNAIL}"
            raise self.wrong("thumbnails", told)
        return small

    def _of(self, name: str, kinds: str, shape: tuple[int | None, ...]) -> Array:
        array = self.found[name]
        if array.dtype.kind not in kinds:
            raise self.wrong(name, f"it holds {array.dtype.name}")
        fits = array.ndim == len(shape) and all(
            side in (None, own) for side, own in zip(shape, array.shape, strict=True)
        )
        if not fits:
            wanted = ", ".join("any" if side is None else str(side) for side in shape)
            raise self.wrong(name, f"its shape is {list(array.shape)}, and [{wanted}] is needed")
        return array


def refuse_others(source: str, found: Iterable[str], known: Iterable[str]) -> None:
    """Arrays have known names only.

    Raises:
        BadInput: one has another.
    """
    listed = [*known]
    unknown = [name for name in found if name not in listed]
    if unknown:
        problem = f"an array is called {shown(unknown[0])!r}; known are {', '.join(listed)}"
        raise BadInput(source, problem, "Rename the array, or leave it out")
