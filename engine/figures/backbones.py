"""Two backbones under the same attack: side by side against strength, by task, and the difference with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats
from engine.figures.look import (
    MINUS,
    NEW,
    OLD,
    QUIET,
    add_line,
    frame,
    labelled,
    percent,
    plain,
    points,
    whiskers,
    with_legend,
)
from engine.figures.matrix import axis_of
from engine.figures.robustness import Fall, strength, strength_axes
from engine.figures.tables import Table, cell
from engine.metrics.differences import Interval
from engine.metrics.robustness import wilson


@dataclass(frozen=True, slots=True)
class Cost:
    """What one backbone gains on another over a whole test split where nobody attacks; a cost is below zero.

    Attributes:
        split: what it is called on screen.
        first, second: accuracy with each, 0..1.
        gain: second minus first.
    """

    split: str
    first: float
    second: float
    gain: Interval


LOOKS = ((OLD, "dash", "diamond"), (NEW, "solid", "circle"))
"""Colour, dash and symbol of the run's own backbone and of its twin's."""
_ASIDE = 0.14
"""How far the marks of two backbones stand apart, in tasks."""


def short(spec: str) -> str:
    """A backbone's name for people: a folder's last part, else the spec."""
    return spec.rstrip("/").rpartition("/")[2] or spec


def difference_words(found: Interval) -> str:
    """`+34 points (21 to 46)`."""
    if not np.isfinite(found.value):
        return "not known"
    low, high = (f"{100 * v:.0f}".replace("-", MINUS) for v in (found.low, found.high))
    return f"{points(found.value)} points ({low} to {high})"


def pair_headline(names: tuple[str, str], falls: tuple[Fall, Fall], gain: Interval, at: int) -> str:
    """Which backbone keeps more right at a strength, in one sentence.

    Args:
        gain: accuracy of the second minus that of the first.
    """
    shares = [float(fall.accuracy[at]) for fall in falls]
    if not gain.sign:
        both = " and ".join(percent(share) for share in shares)
        return f"At {strength(float(falls[0].strengths[at]))} the two backbones cannot be told apart: {both} right"
    better = 1 if gain.sign > 0 else 0
    return (
        f"At {strength(float(falls[0].strengths[at]))} {names[better]} keeps {percent(shares[better])} right, "
        f"{names[1 - better]} {percent(shares[1 - better])}"
    )


def price_words(names: tuple[str, str], gain: Interval, costs: Sequence[Cost]) -> str:
    """What the difference is under attack, and what it costs without one on every test split, with intervals."""
    return (
        f"{names[1]} against {names[0]}: {difference_words(gain)} under attack, over the same {gain.count} images. "
        f"{cost_words(costs)}. 95 % intervals."
    )


def cost_words(costs: Sequence[Cost]) -> str:
    """What the second backbone costs where nobody attacks, split by split."""
    told = [f"{one.split.lower()} {difference_words(one.gain)}" for one in costs]
    return f"Without an attack: {', '.join(told)}"


def cost_marks(names: tuple[str, str], costs: Sequence[Cost]) -> go.Figure:
    """Accuracy of both on every whole test split where nobody attacks, one row a split."""
    figure, places = go.Figure(), list(range(len(costs)))
    for row, one in enumerate(costs):
        line = {"color": QUIET, "width": 3}
        figure.add_scatter(x=[one.first, one.second], y=[row] * 2, mode="lines", line=line, hoverinfo="skip")
    for name, side, (colour, _, symbol) in zip(names, ("first", "second"), LOOKS, strict=True):
        values = [getattr(one, side) for one in costs]
        figure.add_scatter(
            x=values,
            y=places,
            mode="markers",
            name=plain(name),
            marker={"size": 12, "color": colour, "symbol": symbol},
            hovertemplate=f"{plain(name)}: %{{x:.1%}}<extra></extra>",
        )
    for row, one in enumerate(costs):
        figure.data[row].showlegend = False
        ends = f"{percent(one.first, 1)} → {percent(one.second, 1)}"
        figure.add_annotation(
            x=max(one.first, one.second), y=row, text=ends, xanchor="left", xshift=12, showarrow=False
        )
    low = min((min(one.first, one.second) for one in costs), default=0.0)
    figure.update_xaxes(title="accuracy", tickformat=".0%", range=[max(0.0, low - 0.1), 1.12])
    figure.update_yaxes(axis_of("", [one.split for one in costs], downwards=True, room=0.6))
    return _with_legend(figure, 130 + 44 * len(costs))


def cost_table(names: tuple[str, str], costs: Sequence[Cost]) -> Table:
    """The twin of `cost_marks`."""
    return {
        "images": [one.split for one in costs],
        names[0]: [cell(one.first) for one in costs],
        names[1]: [cell(one.second) for one in costs],
        "difference": [cell(one.gain.value) for one in costs],
        "low": [cell(one.gain.low) for one in costs],
        "high": [cell(one.gain.high) for one in costs],
    }


def both_curves(names: tuple[str, str], falls: tuple[Fall, Fall], at: int, height: int = 360) -> go.Figure:
    """Accuracy over all images against strength, one line a backbone, with 95 % Wilson intervals."""
    figure = go.Figure()
    places = list(range(len(falls[0].strengths)))
    for name, fall, (colour, dash, symbol) in zip(names, falls, LOOKS, strict=True):
        low, high = wilson(fall.right.sum(1), int(fall.count.sum()))
        _line(figure, name, places, fall.accuracy, (low, high), (colour, dash, symbol))
    figure.add_vline(x=at, line_width=1, line_dash="dot", line_color=QUIET)
    strength_axes(figure, falls[0].strengths)
    return _with_legend(figure, height)


def both_table(names: tuple[str, str], falls: tuple[Fall, Fall], gains: Sequence[Interval]) -> Table:
    """The twin of `both_curves` and `gain_marks`."""
    table: Table = {"strength": [strength(float(value)) for value in falls[0].strengths]}
    for name, fall in zip(names, falls, strict=True):
        table[name] = [cell(v) for v in fall.accuracy]
    table["difference"] = [cell(gain.value) for gain in gains]
    table["low"] = [cell(gain.low) for gain in gains]
    table["high"] = [cell(gain.high) for gain in gains]
    return table


def gain_marks(strengths: Floats, gains: Sequence[Interval], height: int = 360) -> go.Figure:
    """What the second backbone gains on the first at each strength, with intervals around zero."""
    values = np.array([gain.value for gain in gains])
    low, high = (np.array([getattr(gain, end) for gain in gains]) for end in ("low", "high"))
    figure = go.Figure()
    figure.add_hline(y=0, line_width=1, line_color=QUIET)
    figure.add_scatter(
        x=list(range(len(gains))),
        y=values,
        mode="markers+text",
        cliponaxis=False,
        text=[points(value) for value in values],
        textposition="middle right",
        marker={"size": 11, "color": [LOOKS[1][0] if v >= 0 else LOOKS[0][0] for v in values]},
        error_y=whiskers(values, low, high, thickness=1.5, width=5, color=QUIET),
        hovertext=[difference_words(gain) for gain in gains],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    strength_axes(figure, strengths, "points of accuracy")
    most = max(0.1, float(np.nanmax(np.abs([low, high])))) if len(gains) else 1.0
    figure.update_yaxes(range=[-1.1 * most, 1.1 * most], dtick=None)
    return frame(figure, height).update_layout(margin_r=32)


def task_pairs(names: tuple[str, str], falls: tuple[Fall, Fall], at: int, height: int = 360) -> go.Figure:
    """Each task's accuracy, clean (open) and under attack (full), joined, one pair a backbone side by side."""
    figure = go.Figure()
    for b, (name, fall, (colour, _, symbol)) in enumerate(zip(names, falls, LOOKS, strict=True)):
        clean, robust = fall.by_task[0], fall.by_task[at]
        places = np.arange(len(clean)) + 1 + (2 * b - 1) * _ASIDE
        for x, top, bottom in zip(places, clean, robust, strict=True):
            line = {"color": colour, "width": 3}
            figure.add_scatter(x=[x, x], y=[top, bottom], mode="lines", line=line, hoverinfo="skip", showlegend=False)
        for values, said, form in ((clean, "clean", f"{symbol}-open"), (robust, "attacked", symbol)):
            figure.add_scatter(
                x=places,
                y=values,
                mode="markers",
                name=f"{plain(name)}, {said}",
                marker={"color": colour, "size": 10, "symbol": form, "line": {"width": 2, "color": colour}},
                hovertemplate=f"{plain(name)}, {said}: %{{y:.1%}}<extra></extra>",
            )
    ticks = [place + 1 for place in labelled(len(falls[0].count))]
    figure.update_xaxes(title="images of task", tickvals=ticks, showgrid=False)
    figure.update_yaxes(title="accuracy", tickformat=".0%", range=[-0.02, 1.05], dtick=0.25)
    return _with_legend(figure, height)


def task_words(names: tuple[str, str], falls: tuple[Fall, Fall], at: int) -> str:
    """On how many tasks which backbone keeps more."""
    first, second = (fall.by_task[at] for fall in falls)
    ahead = int((second > first).sum()), int((first > second).sum())
    tasks = len(first)
    if ahead[0] == ahead[1]:
        return "Neither is ahead on more tasks"
    better = 1 if ahead[0] > ahead[1] else 0
    return f"Under attack {names[better]} is ahead on {max(ahead)} of {tasks} tasks"


def task_table(names: tuple[str, str], falls: tuple[Fall, Fall], at: int) -> Table:
    """The twin of `task_pairs`."""
    table: Table = {"task": list(range(1, len(falls[0].count) + 1))}
    for name, fall in zip(names, falls, strict=True):
        table[f"{name}, clean"] = [cell(v) for v in fall.by_task[0]]
        table[f"{name}, attacked"] = [cell(v) for v in fall.by_task[at]]
    return table


def shift_curves(
    names: tuple[str, str], strengths: Floats, shifts: Sequence[tuple[Floats, Floats, Floats]], title: str
) -> go.Figure:
    """Mean shift of attention against strength of both backbones.

    Args:
        strengths: [E], without clean.
        shifts: of each backbone mean, low and high, [E] each.
    """
    figure = go.Figure()
    places = list(range(len(strengths)))
    for name, (mean, low, high), look in zip(names, shifts, LOOKS, strict=True):
        _line(figure, name, places, mean, (low, high), look, form=".3f")
    ends = np.concatenate([high for _, _, high in shifts])
    most = float(np.nanmax(ends)) if np.isfinite(ends).any() else 1.0
    strength_axes(figure, strengths, title)
    figure.update_yaxes(range=[0, 1.1 * max(most, 1e-6)], tickformat=None, dtick=None)
    return _with_legend(figure, 360)


def shift_pair_table(
    names: tuple[str, str], strengths: Floats, shifts: Sequence[tuple[Floats, Floats, Floats]]
) -> Table:
    """The twin of `shift_curves`."""
    table: Table = {"strength": [strength(float(value)) for value in strengths]}
    for name, (mean, low, high) in zip(names, shifts, strict=True):
        table[name] = [cell(v) for v in mean]
        table[f"{name}, low"] = [cell(v) for v in low]
        table[f"{name}, high"] = [cell(v) for v in high]
    return table


def _line(
    figure: go.Figure,
    name: str,
    places: list[int],
    values: Floats,
    ends: tuple[Floats, Floats],
    look: tuple[str, str, str],
    form: str = ".1%",
) -> None:
    colour, dash, symbol = look
    error = whiskers(values, *ends, thickness=1.5, width=5)
    hover = f"{plain(name)}: %{{y:{form}}}"
    more: dict[str, Any] = {"marker_size": 9, "marker_symbol": symbol, "error_y": error}
    add_line(figure, places, values, plain(name), colour, hover, dash, **more)


def _with_legend(figure: go.Figure, height: int) -> go.Figure:
    return with_legend(frame(figure, height), fixed=True, margin_t=40)
