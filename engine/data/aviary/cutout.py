"""A bird without its surroundings: the picture as drawn, transparent wherever no part of the bird is visible."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engine.data.aviary.attributes import PARTS
from engine.data.aviary.bird import Bird
from engine.data.aviary.painter import NOTHING
from engine.data.aviary.pose import nuisance
from engine.data.aviary.render import render_with_parts
from engine.data.aviary.scenery import leaves

Cutout = npt.NDArray[np.uint8]
"""RGBA picture, [size, size, 4]; the lowest pixel of the feet lies at `FEET`."""

FEET = 0.84
"""Where the feet stand, as a share of the height."""
_BEHIND = (PARTS.index("background"), NOTHING)
_LEGS = PARTS.index("legs")


def cutout(bird: Bird, size: int) -> Cutout:
    """The bird alone, moved so that its feet are in the middle and at `FEET`; what then leaves the picture is cut off.

    Raises:
        BadParameter: `size` is not what `render` allows.
    """
    image, parts = render_with_parts(bird, size)
    seen = ~np.isin(parts, _BEHIND)
    rows, columns = np.nonzero(parts == _LEGS) if (parts == _LEGS).any() else np.nonzero(seen)
    down = round(FEET * size) - int(rows.max(initial=0))
    right = size // 2 - round(float(columns.mean())) if len(columns) else 0
    alone = np.dstack([image, np.where(seen, 255, 0).astype(np.uint8)])
    return _moved(alone, down, right)


def uncovered(bird: Bird) -> bool:
    """Whether no leaf hangs in front of the bird."""
    return leaves(nuisance(bird.seed)) == 0


def _moved(picture: Cutout, down: int, right: int) -> Cutout:
    """The picture moved, with nothing in the place that becomes free."""
    size = len(picture)
    moved = np.zeros_like(picture)
    to_rows, from_rows = _overlap(down, size)
    to_columns, from_columns = _overlap(right, size)
    moved[to_rows, to_columns] = picture[from_rows, from_columns]
    return moved


def _overlap(shift: int, size: int) -> tuple[slice, slice]:
    """Where pixels go and where they come from, along one axis."""
    return slice(max(shift, 0), size + min(shift, 0)), slice(max(-shift, 0), size - max(shift, 0))
