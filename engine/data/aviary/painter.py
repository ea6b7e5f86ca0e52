"""Drawing in unit coordinates: curves, frames, and a painter that fills colour and part labels alike."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image as Pil
from PIL import ImageDraw

from engine.array_types import Floats
from engine.data.aviary.palette import Colour

Points = Floats
"""Points in unit coordinates, shape [n, 2]: x to the right, y downwards, the image is 0..1."""

NOTHING = 255
"""Label of pixels that belong to no part."""


def points(*xy: tuple[float, float]) -> Points:
    """Control points as an array [n, 2]."""
    return np.array(xy, dtype=np.float64)


@lru_cache(maxsize=256)
def basis(count: int, samples: int, closed: bool = False) -> Points:
    """Catmull-Rom weights [samples, count] that turn control points into a smooth curve through them."""
    position = np.linspace(0, count if closed else count - 1, samples, endpoint=not closed)
    start = np.minimum(position.astype(int), count - 1 if closed else count - 2)
    u = position - start
    weights = (
        (-0.5 * u**3 + u**2 - 0.5 * u),
        (1.5 * u**3 - 2.5 * u**2 + 1),
        (-1.5 * u**3 + 2 * u**2 + 0.5 * u),
        (0.5 * u**3 - 0.5 * u**2),
    )
    result = np.zeros((samples, count))
    rows = np.arange(samples)
    for shift, weight in zip((-1, 0, 1, 2), weights, strict=True):
        column = start + shift
        column = column % count if closed else np.clip(column, 0, count - 1)
        np.add.at(result, (rows, column), weight)
    return result


def curve(points: Points, samples: int) -> Points:
    """Open smooth curve [samples, 2] from the first to the last of `points` [n, 2]."""
    return np.asarray(basis(len(points), samples) @ points)


def loop(points: Points, samples: int) -> Points:
    """Closed smooth curve [samples, 2] through `points` [n, 2]."""
    return np.asarray(basis(len(points), samples, True) @ points)


@lru_cache(maxsize=8)
def _circle(samples: int) -> Points:
    angle = np.linspace(0, 2 * np.pi, samples, endpoint=False)
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def ellipse(x: float, y: float, rx: float, ry: float, samples: int = 16) -> Points:
    """Outline [samples, 2] of an axis-parallel ellipse."""
    return np.asarray(_circle(samples) * (rx, ry) + (x, y))


@dataclass(frozen=True, slots=True)
class LocalFrame:
    """A coordinate frame: local points become `points @ matrix + origin`."""

    matrix: Points
    origin: Points

    def __call__(self, points: Points) -> Points:
        return np.asarray(points @ self.matrix + self.origin)

    def child(self, x: float, y: float, degrees: float) -> LocalFrame:
        """A frame whose origin is local (x, y) and whose axes are turned; positive turns x downwards."""
        a = np.deg2rad(degrees)
        turn = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
        return LocalFrame(turn @ self.matrix, np.array([x, y]) @ self.matrix + self.origin)


class Painter:
    """Fills shapes given in unit coordinates on an RGB canvas and, if wanted, on a canvas of part labels.

    Both canvases receive the same shapes in the same order, so a label is exactly what is visible.

    Args:
        canvas: RGB image, square.
        labels: image of mode L and the same size, or None.
    """

    def __init__(self, canvas: Pil.Image, labels: Pil.Image | None) -> None:
        self.scale = float(canvas.width)
        self._draw = ImageDraw.Draw(canvas)
        self._labels = ImageDraw.Draw(labels) if labels is not None else None

    def fill(self, points: Points, colour: Colour, part: int) -> None:
        """Fill the polygon `points` [n, 2]."""
        flat = (points * self.scale).ravel().tolist()
        self._draw.polygon(flat, fill=colour)
        if self._labels is not None:
            self._labels.polygon(flat, fill=part)

    def stroke(self, points: Points, width: float, colour: Colour, part: int) -> None:
        """Draw the open line through `points` [n, 2], `width` in unit coordinates, at least one canvas pixel."""
        flat = (points * self.scale).ravel().tolist()
        pixels = max(1, round(width * self.scale))
        self._draw.line(flat, fill=colour, width=pixels)
        if self._labels is not None:
            self._labels.line(flat, fill=part, width=pixels)

    def shape(self, points: Points, colour: Colour, part: int, edge: Colour, width: float) -> None:
        """Fill the polygon and draw its contour; both belong to `part`."""
        self.fill(points, colour, part)
        self.stroke(np.concatenate([points, points[:2]]), width, edge, part)


class Mono:
    """Fills shapes in unit coordinates with grey levels: the light-and-shadow layer."""

    def __init__(self, canvas: Pil.Image) -> None:
        self.scale = float(canvas.width)
        self._draw = ImageDraw.Draw(canvas)

    def fill(self, points: Points, level: int) -> None:
        """Fill the polygon `points` [n, 2] with a grey level."""
        self._draw.polygon((points * self.scale).ravel().tolist(), fill=level)
