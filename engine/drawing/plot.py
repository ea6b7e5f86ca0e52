"""The area between a chart's axes, and what a trace is on it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.array_types import Floats
from engine.drawing.axes import Axis, listed

COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00")
"""Of traces that say no colour of their own, in order; as the pages' theme has them."""

Trace = Mapping[str, Any]
"""A trace as Plotly would be given it."""


@dataclass(frozen=True, slots=True)
class Plot:
    """Where a chart's values lie, in pixels.

    Attributes:
        left, top, wide, high: of the area between the axes.
        x, y: its axes.
        size: of letters.
    """

    left: float
    top: float
    wide: float
    high: float
    x: Axis
    y: Axis
    size: float

    @property
    def area(self) -> str:
        """What its area is called as a clip: the same wherever a chart has the same, which then cuts alike."""
        return "area" + "-".join(f"{side:.0f}" for side in (self.left, self.top, self.wide, self.high))

    def across(self, units: Floats | float) -> Floats:
        """Pixels from the left of units of the x axis."""
        return np.asarray(self.left + self.wide * self.x.share(units), np.float64)

    def down(self, units: Floats | float) -> Floats:
        """Pixels from the top of units of the y axis, which grows upwards."""
        return np.asarray(self.top + self.high * (1 - self.y.share(units)), np.float64)


def unpacked(found: Any) -> Any:
    """What Plotly gives as JSON, with the arrays that it packs (`dtype`, `bdata`, `shape`) as arrays again."""
    if isinstance(found, Mapping):
        if "bdata" in found:
            values = np.frombuffer(base64.b64decode(found["bdata"]), found["dtype"])
            return (
                values.reshape([int(side) for side in str(found["shape"]).split(",")]) if "shape" in found else values
            )
        return {key: unpacked(value) for key, value in found.items()}
    return [unpacked(one) for one in found] if isinstance(found, list | tuple) else found


def at(trace: Trace, *path: str, default: Any = None) -> Any:
    """What a trace says under a path such as `("marker", "size")`."""
    found: Any = trace
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    return default if found is None else found


def each(value: Any, count: int, default: Any = None) -> list[Any]:
    """A property of `count` points, where one value stands for all."""
    if isinstance(value, str) or value is None or np.ndim(value) == 0:
        return [default if value is None else value] * count
    return [default if one is None else one for one in listed(value)][:count]


def colour_of(trace: Trace, number: int, kind: str = "marker") -> Any:
    """The colour of a trace, or those of its points.

    Args:
        number: which trace of the chart it is.
        kind: `marker` or `line`, whose colour comes first.
    """
    other = "line" if kind == "marker" else "marker"
    found = at(trace, kind, "color")
    found = at(trace, other, "color") if found is None else found
    return COLOURS[number % len(COLOURS)] if found is None else found
