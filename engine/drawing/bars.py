"""Bars beside or upon each other: Plotly's bar."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.array_types import Floats
from engine.drawing.axes import listed
from engine.drawing.ink import INK, element, filled, stroked, text
from engine.drawing.lines import errors
from engine.drawing.plot import Plot, Trace, at, colour_of, each

_GAP = 0.2
"""Part of the room between two places that Plotly leaves free."""
_APART = 4.0
"""Pixels between a bar's end and its words."""


def flat(trace: Trace) -> bool:
    """Whether its bars lie."""
    return trace.get("orientation") == "h"


def stacked(traces: Sequence[Trace], layout: Mapping[str, Any]) -> list[tuple[Floats, Floats]]:
    """Where the bars of each trace begin and end along their axis, [N] each."""
    heights: dict[tuple[Any, bool], float] = {}
    found: list[tuple[Floats, Floats]] = []
    for trace in traces:
        values = np.array(listed(trace.get("x" if flat(trace) else "y")), np.float64)
        base = np.array(each(trace.get("base"), len(values), 0.0), np.float64)
        if layout.get("barmode") in ("relative", "stack"):
            for n, place in enumerate(listed(trace.get("y" if flat(trace) else "x"))):
                key = place, bool(values[n] >= 0)
                base[n] += heights.get(key, 0.0)
                heights[key] = heights.get(key, 0.0) + (values[n] if np.isfinite(values[n]) else 0.0)
        found.append((base, base + values))
    return found


def bars(traces: Sequence[Trace], numbers: Sequence[int], layout: Mapping[str, Any], plot: Plot) -> str:
    """All bars of a chart.

    Args:
        numbers: which trace of the chart each is.
    """
    beside = layout.get("barmode", "group") == "group"
    ends = stacked(traces, layout)
    told = []
    for place, (trace, number, (start, end)) in enumerate(zip(traces, numbers, ends, strict=True)):
        share = (place, len(traces)) if beside else (0, 1)
        told.append(_bars(trace, number, (start, end), share, layout, plot))
    return "".join(told)


def _bars(
    trace: Trace,
    number: int,
    ends: tuple[Floats, Floats],
    share: tuple[int, int],
    layout: Mapping[str, Any],
    plot: Plot,
) -> str:
    lying, count = flat(trace), len(ends[0])
    axis = plot.y if lying else plot.x
    places = trace.get("y" if lying else "x")
    centres = axis.units(places) if places is not None else np.arange(count, dtype=np.float64)
    apart = np.diff(np.unique(centres[np.isfinite(centres)]))
    room = float(apart.min()) if len(apart) else 1.0
    part = (1 - float(layout.get("bargap", _GAP) or 0.0)) * room / share[1]
    thick = np.array(each(trace.get("width"), count, part * (1 - float(layout.get("bargroupgap") or 0.0))), np.float64)
    offset = (share[0] - (share[1] - 1) / 2) * part if trace.get("width") is None else 0.0
    middle = centres + offset
    along, aside = (plot.across, plot.down) if lying else (plot.down, plot.across)
    axis_along = plot.x if lying else plot.y
    starts, stops = (along(axis_along.units(end)) for end in ends)
    sides = aside(middle - thick / 2), aside(middle + thick / 2)
    colours = each(colour_of(trace, number), count)
    told = [
        _one(trace, n, lying, (starts[n], stops[n]), (sides[0][n], sides[1][n]), str(colours[n])) for n in range(count)
    ]
    tips = along(axis_along.units(ends[1] + _reach(trace, lying, ends)))
    told += [_said(trace, n, lying, (starts[n], tips[n]), float(aside(middle)[n]), plot) for n in range(count)]
    across, down = (stops, aside(middle)) if lying else (aside(middle), stops)
    return "".join(told) + errors(trace, plot, across, down, INK)


def _reach(trace: Trace, lying: bool, ends: tuple[Floats, Floats]) -> Floats:
    """How far the error bars of bars reach beyond their ends, [N]; away from where the bars begin."""
    spec = trace.get("error_x" if lying else "error_y") or {}
    above = listed(spec.get("array"))
    if not above:
        return np.zeros(len(ends[0]))
    below = listed(spec.get("arrayminus")) or above
    return np.where(ends[1] >= ends[0], np.array(above, np.float64), -np.array(below, np.float64))


def _one(trace: Trace, n: int, lying: bool, ends: tuple[float, float], sides: tuple[float, float], colour: str) -> str:
    if not np.isfinite([*ends, *sides]).all():
        return ""
    (a, b), (c, d) = sorted(map(float, ends)), sorted(map(float, sides))
    box = (
        {"x": a, "y": c, "width": b - a, "height": d - c}
        if lying
        else {"x": c, "y": a, "width": d - c, "height": b - a}
    )
    opacity = float(each(at(trace, "marker", "opacity"), n + 1, 1.0)[n])
    look = filled(colour, opacity)
    width = float(each(at(trace, "marker", "line", "width"), n + 1, 0.0)[n])
    edge = each(at(trace, "marker", "line", "color"), n + 1)[n]
    if width and edge:
        look = {**stroked(str(edge), width), **look}
    shape = each(at(trace, "marker", "pattern", "shape"), n + 1, "")[n]
    return element("rect", "", **box, **look) + (_hatch(box) if shape else "")


def _hatch(box: Mapping[str, float], step: float = 7.0) -> str:
    """Oblique lines across a bar, drawn one by one: not every reader of SVG fills with patterns."""
    x, y, wide, high = box["x"], box["y"], box["width"], box["height"]
    told = []
    for reach in np.arange(step, wide + high, step):
        a = (x + min(reach, wide), y + max(0.0, reach - wide))
        b = (x + max(0.0, reach - high), y + min(reach, high))
        told.append(f"M{a[0]:.2f},{a[1]:.2f}L{b[0]:.2f},{b[1]:.2f}")
    return element("path", d="".join(told), **stroked("#ffffff", 1.6, opacity=0.75)) if told else ""


def _said(trace: Trace, n: int, lying: bool, ends: tuple[float, float], middle: float, plot: Plot) -> str:
    """A bar's words, beyond its end."""
    words = each(trace.get("text"), n + 1, "")[n]
    where = each(trace.get("textposition"), n + 1, "outside")[n]
    if not words or where == "none" or not np.isfinite([*ends, middle]).all():
        return ""
    size = float(at(trace, "textfont", "size", default=plot.size))
    onward = 1 if ends[1] >= ends[0] else -1
    if ends[0] == ends[1] and not lying:
        onward = -1
    end = float(ends[1]) + onward * _APART
    if lying:
        return text(end, middle, str(words), size, across=0.0 if onward > 0 else 1.0)
    return text(middle, end, str(words), size, across=0.5, down=0.0 if onward > 0 else 1.0)
