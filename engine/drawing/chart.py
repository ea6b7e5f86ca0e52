"""A whole chart: Plotly's figure with one pair of axes, drawn into a box of a given size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.drawing import bars, cells, lines, notes
from engine.drawing.axes import Axis, axis
from engine.drawing.ink import LINE_HEIGHT, size_of, text
from engine.drawing.plot import Plot, Trace, at, unpacked
from engine.errors import NotApplicable

LETTERS = 13.0
"""Pixels of a letter where the figure says nothing."""
_PAD = 6.0
"""Between an axis and its ticks' words, and from these to its title."""
_ROOM = {"x": 70.0, "y": 44.0}
"""Pixels that a tick needs along either axis, for letters of `LETTERS`."""
_MARGIN = {"l": 8, "r": 8, "t": 8, "b": 8}
_OVERLAP = 1.15
"""How much of the room between two ticks their words may take before they are turned."""
_GUESS = 0.8
"""Part of the height that the area between the axes takes, before it is known."""
_DRAWN = ("scatter", "scattergl", "bar", "heatmap")

Ticks = Sequence[tuple[float, str]]


@dataclass(frozen=True, slots=True)
class Edges:
    """What an axis needs beside the chart: its ticks, the room of their words, and how these are turned."""

    ticks: Ticks
    size: float
    title: str
    title_size: float
    words: float
    angle: float = 0.0

    @property
    def room(self) -> float:
        """Pixels in all."""
        title = self.title_size * LINE_HEIGHT + _PAD if self.title else 0.0
        return (self.words + _PAD if self.words else 0.0) + title


def chart(figure: Any, wide: float, high: float) -> str:
    """A figure as SVG between 0, 0 and `wide`, `high`, in pixels; not yet a document.

    Args:
        figure: of Plotly: it tells its traces and layout by `to_plotly_json`.

    Raises:
        NotApplicable: it has a trace, a marker or a shape that is not drawn.
    """
    told = unpacked(figure.to_plotly_json())
    traces, layout = told["data"], told["layout"]
    _refuse(traces, layout)
    size = float(at(layout, "font", "size", default=LETTERS))
    axes = _axes(traces, layout)
    margin = {**_MARGIN, **(layout.get("margin") or {})}
    right = float(margin["r"]) + sum(cells.room(one, size) for one in map(cells.scaled, traces) if one)
    tall = _edges(axes[1], "y", _GUESS * high, size)
    top_axis = axes[0].spec.get("side") == "top"
    left = float(margin["l"]) + tall.room
    across = wide - left - right
    long = _edges(axes[0], "x", across, size)
    key_size = float(at(layout, "legend", "font", "size", default=size))
    key, key_high = notes.legend(traces, key_size, left, across) if layout.get("showlegend") else ("", 0.0)
    top = float(margin["t"]) + key_high + (long.room if top_axis else 0.0) + size * 0.5
    down = high - top - float(margin["b"]) - (0.0 if top_axis else long.room)
    plot = _even(Plot(left, top, across, down, *axes, size))
    return "".join(
        (key, _within(traces, layout, plot, tall.ticks, long.ticks), _beside(plot, tall), _below(plot, long, top_axis))
    )


def _refuse(traces: Sequence[Trace], layout: Mapping[str, Any]) -> None:
    strange = sorted({str(one.get("type")) for one in traces} - set(_DRAWN))
    strange += [name for name in ("xaxis2", "yaxis2") if layout.get(name)]
    if strange:
        raise NotApplicable(
            f"a figure with {', '.join(strange)}",
            f"a drawing has {', '.join(_DRAWN)} and one pair of axes",
            "Save it by the chart's own button",
        )


def _axes(traces: Sequence[Trace], layout: Mapping[str, Any]) -> tuple[Axis, Axis]:
    piled = [one for one in traces if one["type"] == "bar"]
    ends = bars.stacked(piled, layout)
    made = []
    for letter in "xy":
        values: list[Any] = []
        held: list[float] = []
        for one in traces:
            if one["type"] == "heatmap" and one.get(letter) is None:
                count = len(one["z"]) if letter == "y" else len(one["z"][0])
                held = [-0.5, count - 0.5]  # cells reach to the axes
            elif one["type"] == "bar" and bars.flat(one) == (letter == "x"):
                held = [*held, 0.0]
                values += next(pair for each, pair in zip(piled, ends, strict=True) if each is one)
            elif one.get(letter) is not None:
                values.append(one[letter])
        made.append(axis(layout.get(f"{letter}axis") or {}, values, held))
    return made[0], made[1]


def _edges(along: Axis, letter: str, length: float, size: float) -> Edges:
    if along.spec.get("visible") is False:
        return Edges((), size, "", size, 0.0)
    tick_size = float(at(along.spec, "tickfont", "size", default=size))
    ticks = along.ticks(length, _ROOM[letter] * size / LETTERS)
    title = str(at(along.spec, "title", "text", default=""))
    title_size = float(at(along.spec, "title", "font", "size", default=size))
    widths = [size_of(words, tick_size) for _, words in ticks] or [(0.0, 0.0)]
    if letter == "y":
        return Edges(ticks, tick_size, title, title_size, max(w for w, _ in widths))
    angle = float(along.spec.get("tickangle") or 0.0)
    if not angle and len(ticks) > 1 and sum(w for w, _ in widths) * _OVERLAP > length:
        angle = -90.0
    words = max(w for w, _ in widths) if angle else max(h for _, h in widths)
    return Edges(ticks, tick_size, title, title_size, words, angle)


def _even(plot: Plot) -> Plot:
    """Where one unit is to be as long on both axes, the axis with room to spare shows more."""
    if plot.y.spec.get("scaleanchor") != "x":
        return plot
    units = [(each.high - each.low) / pixels for each, pixels in ((plot.x, plot.wide), (plot.y, plot.high))]
    most = max(map(abs, units))
    made = []
    for each, unit, pixels in ((plot.x, units[0], plot.wide), (plot.y, units[1], plot.high)):
        more = (most - abs(unit)) * pixels / 2 * (1 if unit > 0 else -1)
        made.append(replace(each, low=each.low - more, high=each.high + more))
    return replace(plot, x=made[0], y=made[1])


def _within(traces: Sequence[Trace], layout: Mapping[str, Any], plot: Plot, rows: Ticks, columns: Ticks) -> str:
    told = [notes.clip(plot), notes.grid(plot, rows, columns), notes.shapes(layout, plot, below=True)]
    told += [cells.heatmap(one, plot) for one in traces if one["type"] == "heatmap"]
    piled = [(n, one) for n, one in enumerate(traces) if one["type"] == "bar"]
    told.append(bars.bars([one for _, one in piled], [n for n, _ in piled], layout, plot))
    told += [lines.scatter(one, plot, n) for n, one in enumerate(traces) if str(one["type"]).startswith("scatter")]
    told += [notes.shapes(layout, plot, below=False), notes.words(layout, plot)]
    told += [cells.scale(one, plot) for one in map(cells.scaled, traces) if one]
    return "".join(told)


def _beside(plot: Plot, edge: Edges) -> str:
    """Words to the left of the chart."""
    told = [
        text(plot.left - _PAD, plot.top + plot.high * (1 - at_), words, edge.size, across=1.0)
        for at_, words in edge.ticks
    ]
    if edge.title:
        x = plot.left - edge.room + edge.title_size * LINE_HEIGHT / 2
        told.append(text(x, plot.top + plot.high / 2, edge.title, edge.title_size, across=0.5, angle=-90))
    return "".join(told)


def _below(plot: Plot, edge: Edges, above: bool) -> str:
    """Words below the chart, or above it."""
    way, start = (-1, plot.top) if above else (1, plot.top + plot.high)
    told = []
    for at_, words in edge.ticks:
        x, y = plot.left + plot.wide * at_, start + way * _PAD
        if edge.angle:
            told.append(text(x, y, words, edge.size, across=0.0 if above else 1.0, angle=edge.angle))
        else:
            told.append(text(x, y, words, edge.size, across=0.5, down=1.0 if above else 0.0))
    if edge.title:
        y = start + way * (edge.words + 2 * _PAD + edge.title_size * LINE_HEIGHT / 2)
        told.append(text(plot.left + plot.wide / 2, y, edge.title, edge.title_size, across=0.5))
    return "".join(told)
