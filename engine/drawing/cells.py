"""Cells in colour and their scale: Plotly's heatmap."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from engine.array_types import Floats
from engine.drawing.axes import axis, listed
from engine.drawing.ink import element, filled, paint, text, width
from engine.drawing.plot import Plot, Trace, at

_BAR, _BAND = 14.0, 64
"""Width of a scale of colours in pixels, and bands that it is drawn in."""
_AWAY = 10.0
_STOPS = ((0.0, "#440154"), (0.5, "#21918c"), (1.0, "#fde725"))
"""Of a map of colours that does not say: Viridis, roughly."""


def scaled(trace: Trace) -> Trace | None:
    """What has a scale of colours in a trace, as a heatmap says it; None where none is shown."""
    if trace["type"] == "heatmap":
        return trace if trace.get("showscale") is not False else None
    marker = trace.get("marker") or {}
    return of_markers(marker) if marker.get("colorbar") else None


def of_markers(marker: Trace) -> Trace:
    """Markers whose colours are numbers, as a heatmap says it."""
    given = {key: marker.get(key) for key in ("colorscale", "colorbar")}
    return {
        "z": np.array(listed(marker["color"]), np.float64),
        "zmin": marker.get("cmin"),
        "zmax": marker.get("cmax"),
        **given,
    }


def limits(trace: Trace) -> tuple[float, float]:
    """The values at the two ends of its colours; even about `zmid` where it has one."""
    values = np.asarray(trace["z"], np.float64)
    known = values[np.isfinite(values)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    low = float(trace["zmin"]) if trace.get("zmin") is not None else low
    high = float(trace["zmax"]) if trace.get("zmax") is not None else high
    if trace.get("zmid") is not None and trace.get("zmin") is None:
        mid = float(trace["zmid"])
        reach = max(high - mid, mid - low)
        low, high = mid - reach, mid + reach
    return low, high if high > low else low + 1.0


def colours(trace: Trace, values: Floats) -> list[str]:
    """Colours of values, [N]: between two stops as many parts of either."""
    stops = [(float(place), *_rgba(str(colour))) for place, colour in (trace.get("colorscale") or _STOPS)]
    low, high = limits(trace)
    shares = np.clip((np.asarray(values, np.float64) - low) / (high - low), 0.0, 1.0)
    table = np.array(stops)  # [S, 5]
    parts = [np.interp(shares, _risen(table[:, 0]), table[:, k]) for k in range(1, 5)]
    return [f"rgba({r:.0f},{g:.0f},{b:.0f},{a:.3f})" for r, g, b, a in zip(*parts, strict=True)]


def _risen(places: Floats) -> Floats:
    """Stops at one place, where colours jump, a hair apart: `np.interp` wants them to rise."""
    return np.asarray(places + np.arange(len(places)) * 1e-9, np.float64)


def _rgba(colour: str) -> tuple[float, float, float, float]:
    solid, alpha = paint(colour)
    return int(solid[1:3], 16), int(solid[3:5], 16), int(solid[5:7], 16), alpha


def heatmap(trace: Trace, plot: Plot) -> str:
    """A rectangle for each cell whose value is known."""
    values = np.asarray(trace["z"], np.float64)  # [R, C]
    edges = [
        _edges(plot.across, _centres(trace.get("x"), plot.x, values.shape[1])),
        _edges(plot.down, _centres(trace.get("y"), plot.y, values.shape[0])),
    ]
    gaps = float(trace.get("xgap") or 0.0), float(trace.get("ygap") or 0.0)
    rows, columns = np.nonzero(np.isfinite(values))
    told = []
    for r, c, colour in zip(rows.tolist(), columns.tolist(), colours(trace, values[rows, columns]), strict=True):
        (left, right), (top, bottom) = edges[0][c], edges[1][r]
        box = {
            "x": left + gaps[0] / 2,
            "y": top + gaps[1] / 2,
            "width": right - left - gaps[0],
            "height": bottom - top - gaps[1],
        }
        told.append(element("rect", "", **box, **filled(colour)))
    return "".join(told)


def _centres(names: Any, along: Any, count: int) -> Floats:
    return along.units(names) if names is not None else np.arange(count, dtype=np.float64)


def _edges(pixels: Any, centres: Floats) -> Sequence[tuple[float, float]]:
    ends = np.stack([pixels(centres - 0.5), pixels(centres + 0.5)], 1)
    return [(float(min(pair)), float(max(pair))) for pair in ends]


def scale(trace: Trace, plot: Plot) -> str:
    """The colours and what they mean, to the right of the chart."""
    low, high = limits(trace)
    long = (
        min(float(at(trace, "colorbar", "len", default=plot.high)), plot.high)
        if at(trace, "colorbar", "lenmode") == "pixels"
        else plot.high
    )
    left, top = plot.left + plot.wide + _AWAY, plot.top + (plot.high - long) / 2
    bands = np.linspace(low, high, _BAND)
    step = long / _BAND
    told = [
        element("rect", x=left, y=top + long - (k + 1) * step, width=_BAR, height=step + 0.3, **filled(colour))
        for k, colour in enumerate(colours(trace, bands))
    ]
    size = plot.size * 0.9
    for place, words in _ticks(trace, long):
        told.append(text(left + _BAR + 4, top + long * (1 - place), words, size))
    if title := at(trace, "colorbar", "title", "text"):
        told.append(
            text(
                left + _room(trace, size) - size * 0.7 - _AWAY, top + long / 2, str(title), size, across=0.5, angle=-90
            )
        )
    return "".join(told)


def room(trace: Trace, size: float) -> float:
    """Pixels to the right of the chart that its scale of colours takes."""
    return _room(trace, size * 0.9)


def _room(trace: Trace, size: float) -> float:
    wide = max((width(words, size) for _, words in _ticks(trace, 200.0)), default=0.0)
    return _AWAY + _BAR + 4 + wide + (size * 1.5 if at(trace, "colorbar", "title", "text") else 0.0) + _AWAY


def _ticks(trace: Trace, long: float) -> list[tuple[float, str]]:
    low, high = limits(trace)
    spec = {**(trace.get("colorbar") or {}), "range": [low, high]}
    return axis(spec, [listed([])]).ticks(long, 45)
