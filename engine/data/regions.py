"""Where what a concept is about lies on an image: outlines that were drawn, boxes around the whole, points on parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, Self, runtime_checkable

import numpy as np

from engine.array_types import Bools, Floats, Ints

RADIUS = 0.1
"""Of the disc around a point that counts as its part, in longer sides of the whole's box: how near a found point has to
be to a marked one in PCK (Yang & Ramanan 2013, Articulated Human Detection with Flexible Mixtures of Parts, alpha 0.1;
used on CUB since Liu & Belhumeur 2013)."""
WHOLE: tuple[int, ...] = ()
"""What a group is about that is about all of the thing, its size or shape: its box."""


@runtime_checkable
class Located(Protocol):
    """A split that knows where things lie on its images.

    Attributes:
        located: the groups of concepts whose place is known; empty where none is.
        outlined: whether places are outlines; else boxes, and discs around points.
    """

    @property
    def located(self) -> frozenset[str]: ...

    @property
    def outlined(self) -> bool: ...

    def where(self, indices: Sequence[int] | Ints, size: int) -> Mapping[str, Bools]:
        """By group, masks [n, size, size] on the images as `images` gives them; empty where the thing is hidden."""


@dataclass(frozen=True, slots=True)
class Regions:
    """Marks on N images, in pixels of the files as they lie on disk.

    Attributes:
        boxes: around the whole, [N, 4]: left, top, width, height.
        points: on P parts, [N, P, 2]: x and y, NaN where the part is hidden.
        parts: by group of concepts, the parts it is about, or `WHOLE`.
    """

    boxes: Floats
    points: Floats
    parts: Mapping[str, tuple[int, ...]]

    def of(self, rows: Ints | Bools) -> Self:
        """Those of some images."""
        return type(self)(self.boxes[rows], self.points[rows], self.parts)

    def masks(self, row: int, sides: tuple[int, int], size: int) -> dict[str, Bools]:
        """By group, where it is on one image once that is cut to its largest centred square and scaled, [size, size].

        Args:
            sides: width and height of the image in pixels.
        """
        width, height = sides
        square = min(width, height)
        grid = (np.arange(size) + 0.5) * square / size
        x, y = grid[None] + (width - square) / 2, grid[:, None] + (height - square) / 2  # [1, size], [size, 1]
        left, top, wide, high = self.boxes[row]
        box = (x >= left) & (x < left + wide) & (y >= top) & (y < top + high)
        discs = [_disc(x, y, point, RADIUS * max(wide, high)) for point in self.points[row]]
        return {
            group: np.any([discs[part] for part in parts], axis=0) if parts else box
            for group, parts in self.parts.items()
        }


def _disc(x: Floats, y: Floats, point: Floats, radius: float) -> Bools:
    """Around a point that lies on the square; nothing around one that is hidden (NaN) or was cut off."""
    if not (x.min() <= point[0] <= x.max() and y.min() <= point[1] <= y.max()):
        return np.zeros((len(y), x.shape[1]), np.bool_)
    return np.asarray((x - point[0]) ** 2 + (y - point[1]) ** 2 <= radius**2, np.bool_)
