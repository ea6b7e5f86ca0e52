"""Markers by Plotly's names, as paths of a circle's size."""

from __future__ import annotations

import numpy as np

from engine.drawing.ink import element, filled, stroked
from engine.errors import NotApplicable

_ARM = 0.36
"""Half the width of a cross's arms, in radii."""
_CROSS = [(-1, -_ARM), (-_ARM, -_ARM), (-_ARM, -1), (_ARM, -1), (_ARM, -_ARM), (1, -_ARM)]
_CROSS += [(-x, -y) for x, y in _CROSS]


def _regular(count: int, first: float, radii: tuple[float, ...] = (1.0,)) -> list[tuple[float, float]]:
    """Corners around a circle, from an angle in degrees on."""
    angles = np.radians(first + np.arange(count) * 360 / count)
    return [(r * np.cos(a), r * np.sin(a)) for a, r in zip(angles, radii * count, strict=False)]


_SHAPES: dict[str, list[tuple[float, float]]] = {
    "square": [(-0.89, -0.89), (0.89, -0.89), (0.89, 0.89), (-0.89, 0.89)],
    "diamond": _regular(4, -90, (1.3,)),
    "cross": _CROSS,
    "x": [((x - y) * 0.75, (x + y) * 0.75) for x, y in _CROSS],
    "triangle-up": _regular(3, -90, (1.2,)),
    "triangle-down": _regular(3, 90, (1.2,)),
    "triangle-left": _regular(3, 180, (1.2,)),
    "triangle-right": _regular(3, 0, (1.2,)),
    "pentagon": _regular(5, -90, (1.1,)),
    "hexagon": _regular(6, -90, (1.1,)),
    "star": _regular(10, -90, (1.3, 0.55)),
}
"""Corners of each, for a radius of 1."""
_LINES = {"line-ns": ((0, -1), (0, 1)), "line-ew": ((-1, 0), (1, 0))}


def symbol(
    name: str, x: float, y: float, size: float, colour: str, opacity: float, edge: tuple[str | None, float]
) -> str:
    """One marker.

    Args:
        size: its diameter, in pixels.
        edge: colour and width of its outline; no colour is that of the marker.

    Raises:
        NotApplicable: a marker of this name is not drawn.
    """
    plain, open_ = name.removesuffix("-open"), name.endswith("-open")
    width = edge[1] or (1.0 if open_ else 0.0)
    look = filled(colour, opacity)
    if open_ or plain in _LINES:
        look = stroked(colour if open_ else edge[0] or colour, max(width, 1.0), opacity=opacity)
    elif width:
        line = stroked(edge[0] or colour, width, opacity=opacity)
        look = {**line, **look}
    radius = size / 2
    if plain == "circle":
        return element("circle", cx=x, cy=y, r=radius, **look)
    if plain not in _SHAPES and plain not in _LINES:
        raise NotApplicable(
            f"the marker {name!r}", "a drawing has no such marker", "Save the figure as PNG by its own button"
        )
    corners = _LINES.get(plain) or _SHAPES[plain]
    path = " ".join(f"{x + radius * cx:.2f},{y + radius * cy:.2f}" for cx, cy in corners)
    return element("polygon" if plain in _SHAPES else "polyline", points=path, **look)
