"""An attack on one image in pictures: what was changed, where the model looks before and after, step by step.

The pictures are the model's own input, a few dozen pixels wide, which the page makes larger; a sharper picture would
show what the model never saw. Clean and attacked attention and their difference
are drawn on one scale, so that a small difference looks small.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from engine.array_types import Floats
from engine.figures.heat import data_address, overlay

Picture = npt.NDArray[np.uint8]

LEVELS = 255.0
"""A pixel's range, as strengths are given."""
_GREY = 0.5  # stands for "not changed"
_TENS = 10


@dataclass(frozen=True, slots=True)
class Plates:
    """The pictures of an attack as data addresses, one for each step shown, the clean image first.

    Attributes:
        pictures: the image itself.
        changes: what was added to it, magnified; grey where nothing was.
        attention: the map over the image; empty where there is no map.
        differences: how the map differs from the clean one, over the image; empty where there is no map.
        factor: by which `changes` are magnified.
        limit: score drawn strongest in `attention` and in `differences`, or NaN.
    """

    pictures: tuple[str, ...]
    changes: tuple[str, ...]
    attention: tuple[str, ...]
    differences: tuple[str, ...]
    factor: int
    limit: float


def plates(images: Floats, maps: Floats | None) -> Plates:
    """Draw the pictures of an attack.

    Args:
        images: [F, S, S, 3] in 0..1, the clean image first.
        maps: [F, g, g], scores of patches, or None.
    """
    factor = magnification(float(np.abs(images - images[0]).max()))
    pictures = [as_bytes(image) for image in images]
    changes = [magnified(images[0], image, factor) for image in images]
    attention: list[Picture] = []
    differences: list[Picture] = []
    limit = float("nan")
    if maps is not None:
        limit = limit_of(maps)
        attention = [overlay(p, m, limit) for p, m in zip(pictures, maps, strict=True)]
        differences = [overlay(p, m - maps[0], limit) for p, m in zip(pictures, maps, strict=True)]
    drawn = [tuple(map(data_address, group)) for group in (pictures, changes, attention, differences)]
    return Plates(drawn[0], drawn[1], drawn[2], drawn[3], factor, limit)


def limit_of(maps: Floats) -> float:
    """The scale shared by all maps [F, g, g] and by their differences from the first; 1 where all is 0."""
    return float(np.abs(maps).max()) or 1.0


def magnification(largest: float) -> int:
    """By how much a change of at most `largest` (of 0..1) can be magnified around grey: a whole number, of 10 and more
    whole tens, at least 1."""
    if largest <= 0:
        return 1
    most = int(_GREY / largest + 1e-6)
    return max(1, most if most < _TENS else most // _TENS * _TENS)


def magnified(clean: Floats, attacked: Floats, factor: int) -> Picture:
    """What was added to an image, times `factor`, uint8 [S, S, 3]; grey is nothing, each colour its own channel."""
    return as_bytes(_GREY + factor * (attacked - clean))


def as_bytes(image: Floats) -> Picture:
    """An image [S, S, 3] in 0..1 with 256 levels, as files and browsers hold it."""
    return np.asarray((np.clip(image, 0, 1) * LEVELS).round(), np.uint8)


def evenly(last: int, most: int) -> list[int]:
    """At most `most` evenly spaced steps of 0..`last`, both ends among them."""
    spaced: list[int] = np.linspace(0, last, min(most, last + 1)).round().astype(int).tolist()
    return spaced
