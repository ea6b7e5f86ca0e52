"""What stands on a chart beside its values: words at places, straight lines and boxes, and the legend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from engine.drawing.axes import Axis
from engine.drawing.ink import HAIR, INK, LINE_HEIGHT, element, filled, size_of, stroked, text
from engine.drawing.plot import Plot, Trace, at, colour_of
from engine.drawing.symbols import symbol
from engine.errors import NotApplicable

_SAMPLE = 26.0
"""Width of what stands for a trace in the legend, in pixels."""
_APART = 16.0
_THIRD = 1 / 3


def shapes(layout: Mapping[str, Any], plot: Plot, below: bool) -> str:
    """The layout's lines and boxes.

    Args:
        below: those that lie below the values, else those above.

    Raises:
        NotApplicable: a shape is none of these.
    """
    chosen = [one for one in layout.get("shapes") or () if (one.get("layer") == "below") == below]
    return "".join(_shape(one, plot) for one in chosen)


def _shape(one: Mapping[str, Any], plot: Plot) -> str:
    x = [_place(one, "x", end, plot) for end in ("x0", "x1")]
    y = [_place(one, "y", end, plot) for end in ("y0", "y1")]
    line = one.get("line") or {}
    width = float(at(line, "width", default=2.0))
    look = stroked(
        str(line.get("color") or INK), width, str(line.get("dash") or "solid"), float(one.get("opacity") or 1)
    )
    if one.get("type") == "line":
        return element("line", x1=x[0], y1=y[0], x2=x[1], y2=y[1], **look)
    if one.get("type") != "rect":
        raise NotApplicable(
            f"a shape {one.get('type')!r}", "a drawing has lines and boxes only", "Save it by the chart's own button"
        )
    if one.get("fillcolor"):
        look |= filled(str(one["fillcolor"]), float(one.get("opacity") or 1))
    box = {"x": min(x), "y": min(y), "width": abs(x[1] - x[0]), "height": abs(y[1] - y[0])}
    return element("rect", "", **box, **(look if width else {**look, "stroke": None}))


def _place(one: Mapping[str, Any], letter: str, key: str, plot: Plot) -> float:
    """A place in pixels, given as a value of an axis, or as a share of the area."""
    value, ref = one[key], str(one.get(f"{letter}ref") or letter)
    along: Axis = plot.x if letter == "x" else plot.y
    if ref == "paper" or ref.endswith("domain"):
        share = float(value)
        return plot.left + plot.wide * share if letter == "x" else plot.top + plot.high * (1 - share)
    # on a logarithmic axis a note's place is a logarithm already, a shape's is not
    unit = float(value) if along.log and "text" in one else float(along.units([value])[0])
    return float((plot.across if letter == "x" else plot.down)(unit))


def words(layout: Mapping[str, Any], plot: Plot) -> str:
    """The layout's annotations."""
    return "".join(_note(one, plot) for one in layout.get("annotations") or () if one.get("visible") is not False)


def _note(one: Mapping[str, Any], plot: Plot) -> str:
    x, y = (_place(one, letter, letter, plot) for letter in "xy")
    arrow = one.get("showarrow") is not False
    size, colour = float(at(one, "font", "size", default=plot.size)), str(at(one, "font", "color", default=INK))
    told = str(one.get("text") or "")
    parts = []
    if arrow:
        tail = x + float(one.get("ax") or 0), y + float(one.get("ay") or 0)
        if str(one.get("axref") or "pixel") != "pixel":
            tail = _place({**one, "xref": "x"}, "x", "ax", plot), _place({**one, "yref": "y"}, "y", "ay", plot)
        parts.append(_arrow(one, tail, (x, y)))
        x, y = tail
    across = 0.5 if arrow else _side(one, "x", ("left", "center", "right"))
    down = 0.5 if arrow else _side(one, "y", ("top", "middle", "bottom"))
    x, y = x + float(one.get("xshift") or 0), y - float(one.get("yshift") or 0)
    if one.get("bgcolor") and told:
        wide, high = size_of(told, size)
        pad = float(one.get("borderpad") or 1)
        box = {
            "x": x - across * wide - pad,
            "y": y - down * high - pad,
            "width": wide + 2 * pad,
            "height": high + 2 * pad,
        }
        parts.append(element("rect", "", rx=3, **box, **filled(str(one["bgcolor"]))))
    parts.append(
        text(x, y, told, size, colour, across=across, down=down, angle=float(one.get("textangle") or 0)) if told else ""
    )
    return "".join(parts)


def _side(one: Mapping[str, Any], letter: str, names: tuple[str, str, str]) -> float:
    """Which part of the words stands at their place; where nothing is said, Plotly decides by thirds of the area."""
    said = str(one.get(f"{letter}anchor") or "auto")
    if said in names:
        return (0.0, 0.5, 1.0)[names.index(said)]
    ref = str(one.get(f"{letter}ref") or letter)
    if ref != "paper" and not ref.endswith("domain"):
        return 0.5
    share = float(one[letter]) if letter == "x" else 1 - float(one[letter])
    return 0.0 if share < _THIRD else 1.0 if share > 1 - _THIRD else 0.5


def _arrow(one: Mapping[str, Any], tail: tuple[float, float], tip: tuple[float, float]) -> str:
    width = float(one.get("arrowwidth") or 1.5)
    look = stroked(str(one.get("arrowcolor") or INK), width)
    along = np.array(tip) - np.array(tail)
    long = float(np.hypot(*along)) or 1.0
    unit = along / long
    side = np.array([-unit[1], unit[0]])
    wings = [np.array(tip) - unit * 3.2 * width + turn * side * 1.8 * width for turn in (1, -1)]
    head = " ".join(f"{x:.2f},{y:.2f}" for x, y in (wings[0], tip, wings[1]))
    line = element("line", x1=tail[0], y1=tail[1], x2=tip[0], y2=tip[1], **look)
    return line + element("polyline", points=head, **look)


def legend(traces: Sequence[Trace], size: float, left: float, wide: float) -> tuple[str, float]:
    """What each trace is called, in rows above the chart; the first row begins at 0.

    Returns:
        the drawing, and how high it is.
    """
    named = [(n, one) for n, one in enumerate(traces) if one.get("name") and one.get("showlegend") is not False]
    x, row, high, told = left, 0, size * LINE_HEIGHT * 1.15, []
    for number, trace in named:
        name = str(trace["name"])
        long = _SAMPLE + 6 + size_of(name, size)[0]
        if x > left and x + long > left + wide:
            x, row = left, row + 1
        middle = (row + 0.5) * high
        told.append(_sample(trace, number, x, middle) + text(x + _SAMPLE + 6, middle, name, size))
        x += long + _APART
    return "".join(told), (row + 1) * high if named else 0.0


def _sample(trace: Trace, number: int, x: float, y: float) -> str:
    if trace.get("type") in ("bar", "heatmap"):
        colour = _one(colour_of(trace, number))
        return element("rect", x=x + 6, y=y - 6, width=14, height=12, **filled(colour))
    mode, parts = str(trace.get("mode") or "lines+markers"), []
    if "lines" in mode:
        width, dash = at(trace, "line", "width", default=2.0), at(trace, "line", "dash", default="solid")
        look = stroked(_one(colour_of(trace, number, "line")), float(width), str(dash))
        parts.append(element("line", x1=x, y1=y, x2=x + _SAMPLE, y2=y, **look))
    if "markers" in mode:
        name, size = _one(at(trace, "marker", "symbol", default="circle")), at(trace, "marker", "size", default=6.0)
        edge = at(trace, "marker", "line", "color"), at(trace, "marker", "line", "width", default=0.0)
        first = float(np.ravel(size)[0])
        parts.append(
            symbol(
                name,
                x + _SAMPLE / 2,
                y,
                min(first, 12.0),
                _one(colour_of(trace, number)),
                1.0,
                (_one(edge[0]), float(np.ravel(edge[1])[0])),
            )
        )
    return "".join(parts)


def _one(found: Any) -> Any:
    """The first where each point has its own."""
    return found if found is None or isinstance(found, str) else next(iter(found))


def clip(plot: Plot) -> str:
    """The area that lines do not leave; lines on its very edge are whole."""
    box = element("rect", x=plot.left - 2, y=plot.top - 2, width=plot.wide + 4, height=plot.high + 4)
    return element("clipPath", box, id=plot.area)


def grid(plot: Plot, rows: Sequence[tuple[float, str]], columns: Sequence[tuple[float, str]]) -> str:
    """Lines behind the values at the ticks of each axis that has them, and at its zero."""
    told = []
    for axis, ticks in ((plot.x, columns), (plot.y, rows)):
        lines = [(at_, HAIR, 1.0) for at_, _ in ticks] if axis.spec.get("showgrid") is not False else []
        if axis.spec.get("zeroline") and not axis.log:
            zero = float(axis.share(0.0))
            colour, width = axis.spec.get("zerolinecolor") or HAIR, axis.spec.get("zerolinewidth") or 1.0
            lines += [(zero, str(colour), float(width))] if 0 <= zero <= 1 else []
        for share, colour, width in lines:
            told.append(_ruled(plot, axis is plot.x, share, colour, width))
    return "".join(told)


def _ruled(plot: Plot, upright: bool, share: float, colour: str, width: float) -> str:
    if upright:
        x = plot.left + plot.wide * share
        return element("line", x1=x, y1=plot.top, x2=x, y2=plot.top + plot.high, **stroked(colour, width))
    y = plot.top + plot.high * (1 - share)
    return element("line", x1=plot.left, y1=y, x2=plot.left + plot.wide, y2=y, **stroked(colour, width))
