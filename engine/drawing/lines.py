"""Lines, markers, bands and words: Plotly's scatter."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.array_types import Floats
from engine.drawing.axes import listed
from engine.drawing.cells import colours, of_markers
from engine.drawing.ink import INK, element, filled, stroked, text
from engine.drawing.plot import Plot, Trace, at, colour_of, each
from engine.drawing.symbols import symbol

_WIDTH, _SIZE = 2.0, 6.0
"""Plotly's own width of a line, and size of a marker."""
_EDGE = 1.0
"""Pixels beyond the axes at which a marker still stands on them."""
_CAP = 4.0
"""Half the length of the end of an error bar that does not say."""


def scatter(trace: Trace, plot: Plot, number: int) -> str:
    """A trace of lines, markers or words, with its error bars.

    Raises:
        NotApplicable: a marker is not drawn.
    """
    across, down = points(trace, plot)
    mode = str(trace.get("mode") or "lines+markers")
    opacity = float(at(trace, "opacity", default=1.0))
    drawn = _area(trace, across, down, number) if trace.get("fill") not in (None, "none") else ""
    if "lines" in mode and at(trace, "line", "width", default=_WIDTH):
        drawn += _line(trace, across, down, number)
    parts = [element("g", drawn, clip_path=f"url(#{plot.area})")] if drawn else []
    parts.append(errors(trace, plot, across, down, _first(colour_of(trace, number))))
    if "markers" in mode:
        parts.append(_markers(trace, *_inside(plot, across, down), number))
    if "text" in mode:
        parts.append(_words(trace, across, down, plot))
    inner = "".join(parts)
    return element("g", inner, opacity=opacity) if inner and opacity < 1 else inner


def points(trace: Trace, plot: Plot) -> tuple[Floats, Floats]:
    """Where a trace's points lie, in pixels, [N] each; what has no x is counted from 0."""
    xs, ys = trace.get("x"), trace.get("y")
    count = len(listed(ys if ys is not None else xs))
    x = plot.x.units(xs) if xs is not None else np.arange(count, dtype=np.float64)
    y = plot.y.units(ys) if ys is not None else np.arange(count, dtype=np.float64)
    return plot.across(x), plot.down(y)


def _inside(plot: Plot, across: Floats, down: Floats) -> tuple[Floats, Floats]:
    """Points, without those beyond the axes."""
    out = (np.abs(across - plot.left - plot.wide / 2) > plot.wide / 2 + _EDGE) | (
        np.abs(down - plot.top - plot.high / 2) > plot.high / 2 + _EDGE
    )
    return np.where(out, np.nan, across), down


def _first(colour: object) -> str:
    """One colour for what a trace has once; the ink where its markers have numbers for colours."""
    found = colour if isinstance(colour, str) else next(iter(listed(colour)), INK)
    return found if isinstance(found, str) else INK


def _runs(across: Floats, down: Floats) -> list[list[tuple[float, float]]]:
    """The line in pieces: it breaks where a value is missing."""
    found: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(across.tolist(), down.tolist(), strict=True):
        if np.isfinite(x) and np.isfinite(y):
            found[-1].append((x, y))
        elif found[-1]:
            found.append([])
    return [run for run in found if run]


def _path(run: Sequence[tuple[float, float]], steps: bool = False) -> str:
    told = [f"M{run[0][0]:.2f},{run[0][1]:.2f}"]
    told += [(f"H{x:.2f}V{y:.2f}" if steps else f"L{x:.2f},{y:.2f}") for x, y in run[1:]]
    return "".join(told)


def _line(trace: Trace, across: Floats, down: Floats, number: int) -> str:
    look = stroked(
        _first(colour_of(trace, number, "line")),
        float(at(trace, "line", "width", default=_WIDTH)),
        str(at(trace, "line", "dash", default="solid")),
    )
    steps = at(trace, "line", "shape") == "hv"
    return "".join(element("path", d=_path(run, steps), **look) for run in _runs(across, down) if len(run) > 1)


def _area(trace: Trace, across: Floats, down: Floats, number: int) -> str:
    colour = trace.get("fillcolor") or colour_of(trace, number, "line")
    return "".join(element("path", d=_path(run) + "Z", **filled(str(colour))) for run in _runs(across, down))


def _markers(trace: Trace, across: Floats, down: Floats, number: int) -> str:
    count = len(across)
    looks = zip(
        each(at(trace, "marker", "symbol"), count, "circle"),
        each(at(trace, "marker", "size"), count, _SIZE),
        _colours(trace, number, count),
        each(at(trace, "marker", "opacity"), count, 1.0),
        each(at(trace, "marker", "line", "color"), count),
        each(at(trace, "marker", "line", "width"), count, 0.0),
        strict=True,
    )
    return "".join(
        symbol(str(name), x, y, float(size), str(colour), float(opacity), (edge, float(width)))
        for x, y, (name, size, colour, opacity, edge, width) in zip(across.tolist(), down.tolist(), looks, strict=True)
        if np.isfinite(x) and np.isfinite(y) and float(opacity) > 0  # places to click have markers that nobody sees
    )


def _colours(trace: Trace, number: int, count: int) -> list[str]:
    """Colours of the markers, one each; numbers stand for places on a scale."""
    found = colour_of(trace, number)
    if isinstance(found, str) or not any(isinstance(one, int | float) for one in listed(found)):
        return each(found, count)
    marker = trace["marker"]
    return colours(of_markers(marker), np.array(listed(found), np.float64))


def _words(trace: Trace, across: Floats, down: Floats, plot: Plot) -> str:
    count = len(across)
    size, colour = at(trace, "textfont", "size", default=plot.size), at(trace, "textfont", "color", default=INK)
    places = each(trace.get("textposition"), count, "middle center")
    gap = float(np.max(each(at(trace, "marker", "size"), 1, _SIZE))) / 2 + 3
    told = []
    for x, y, words, place in zip(
        across.tolist(), down.tolist(), each(trace.get("text"), count, ""), places, strict=True
    ):
        if np.isfinite(x) and np.isfinite(y) and words:
            vertical, _, horizontal = str(place).partition(" ")
            dx, side = {"left": (-gap, 1.0), "right": (gap, 0.0)}.get(horizontal, (0.0, 0.5))
            dy, part = {"top": (-gap, 1.0), "bottom": (gap, 0.0)}.get(vertical, (0.0, 0.5))
            told.append(text(x + dx, y + dy, str(words), float(size), str(colour), across=side, down=part))
    return "".join(told)


def errors(trace: Trace, plot: Plot, across: Floats, down: Floats, colour: str) -> str:
    """Error bars of a trace of lines or bars, along either axis.

    Args:
        across, down: where its values lie, in pixels, [N] each.
    """
    found = []
    for name, axis, low_high in (("error_x", plot.x, across), ("error_y", plot.y, down)):
        spec = trace.get(name) or {}
        if not len(listed(spec.get("array"))):
            continue
        units = axis.units(trace[name[-1]])
        above = units + np.array(listed(spec["array"]), np.float64)
        below = units - np.array(
            listed(spec.get("arrayminus") if spec.get("arrayminus") is not None else spec["array"]), np.float64
        )
        ends = [(plot.across if name == "error_x" else plot.down)(side) for side in (below, above)]
        look = stroked(str(spec.get("color") or colour), float(spec.get("thickness") or _WIDTH))
        cap = float(spec["width"]) if spec.get("width") is not None else _CAP
        for a, b, at_ in zip(
            ends[0].tolist(), ends[1].tolist(), (down if low_high is across else across).tolist(), strict=True
        ):
            if np.isfinite([a, b, at_]).all():
                found.append(element("path", d=_whisker(a, b, at_, cap, name == "error_x"), **look))
    return "".join(found)


def _whisker(a: float, b: float, across: float, cap: float, flat: bool) -> str:
    pieces = [((a, across), (b, across))] + [((end, across - cap), (end, across + cap)) for end in (a, b) if cap]
    order = (lambda p: p) if flat else (lambda p: (p[1], p[0]))
    return "".join("M{:.2f},{:.2f}L{:.2f},{:.2f}".format(*order(p), *order(q)) for p, q in pieces)
