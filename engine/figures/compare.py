"""Runs side by side: a measure over the tasks with the spread of their seeds, and matrices subtracted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats
from engine.figures.contributions import short
from engine.figures.forgetting import time_axes
from engine.figures.look import (
    DARK_TEXT,
    DROP,
    FOR,
    LIGHT_TEXT,
    MAX_CELL_TEXTS,
    MINUS,
    NEW,
    OLD,
    add_band,
    add_line,
    frame,
    labelled,
    percent,
    plain,
    points,
    with_legend,
)
from engine.figures.matrix import GAP, HEIGHT, axis_of, cells, number
from engine.figures.tables import Table, cell, matrix_table
from engine.metrics.wording import points as worded

SKY = "#56B4E9"
LOOKS = ((FOR, "solid", "circle"), (NEW, "dash", "square"), (OLD, "dot", "diamond"), (SKY, "dashdot", "triangle-up"))
"""Colour, dash and marker of each side: told apart without colour too."""
_BAND_OPACITY = 0.16
_DIVERGING = [[0.0, DROP], [0.5, "#EAE6DC"], [1.0, FOR]]
"""Opaque, unlike the scale of weights: every cell carries a number, whose colour must not depend on the page's."""
_DEEP = 0.9
"""Share of the scale from which blue is too deep for dark text; orange never is."""
_TALL, _ROOM = 0.2, 0.02
"""Least height of the axis of accuracies, and room above and below the lines."""
_LEAST_SCALE = 0.05
"""Differences are drawn on a scale of at least this, so that chance does not look like a landslide."""


@dataclass(frozen=True)
class Line:
    """A measure of one side.

    Attributes:
        title: any text.
        values: of its n runs after each task, [n, T].
    """

    title: str
    values: Floats

    @property
    def mean(self) -> Floats:
        """[T]."""
        return np.asarray(self.values.mean(0))

    @property
    def spread(self) -> Floats | None:
        """Standard deviation over the runs, [T], or None for a single run."""
        return np.asarray(self.values.std(0, ddof=1)) if len(self.values) > 1 else None


def compare_lines(lines: Sequence[Line], what: str, height: int = HEIGHT) -> go.Figure:
    """One line a side, with a band of one standard deviation where it is made of several runs."""
    figure = go.Figure()
    for line, (colour, dash, symbol) in zip(lines, LOOKS, strict=False):
        tasks = np.flatnonzero(np.isfinite(line.mean))
        if line.spread is not None:
            mean, spread = line.mean[tasks], line.spread[tasks]
            add_band(figure, tasks + 1, mean - spread, mean + spread, colour, opacity=_BAND_OPACITY)
        hover = f"after task %{{x}}, {plain(line.title)}: %{{y:.1%}}"
        look: dict[str, Any] = {"marker_size": 8, "marker_symbol": symbol}
        add_line(figure, tasks + 1, line.mean[tasks], plain(short(line.title)), colour, hover, dash, **look)
    time_axes(figure, max(line.values.shape[1] for line in lines))
    figure.update_yaxes(title=what.lower(), range=_room(lines), dtick=None)
    return with_legend(frame(figure, height))


def _room(lines: Sequence[Line]) -> list[float]:
    """The part of 0..1 that the lines and their bands need, but never so little that chance looks like a cliff."""
    lines = [line for line in lines if np.isfinite(line.mean).any()]
    if not lines:
        return [0.0, 1.0]
    spreads = [np.zeros_like(line.mean) if line.spread is None else line.spread for line in lines]
    low = min(float(np.nanmin(line.mean - spread)) for line, spread in zip(lines, spreads, strict=True)) - _ROOM
    high = max(float(np.nanmax(line.mean + spread)) for line, spread in zip(lines, spreads, strict=True)) + _ROOM
    missing = max(0.0, _TALL - (high - low))
    low = max(0.0, low - missing) if high > _TALL else 0.0
    return [low, max(high, low + _TALL)]


def lines_table(lines: Sequence[Line]) -> Table:
    """The twin of `compare_lines`: a column a side, and one for its spread."""
    tasks = max(line.values.shape[1] for line in lines)
    table: Table = {"after task": list(range(1, tasks + 1))}
    for side, line in enumerate(lines, 1):
        padding = [None] * (tasks - line.values.shape[1])
        table[f"{side}: {line.title}"] = [*(cell(v) for v in line.mean), *padding]
        if line.spread is not None:
            table[f"{side}: standard deviation of {len(line.values)}"] = [*(cell(v) for v in line.spread), *padding]
    return table


def difference_matrix(difference: Floats, height: int = HEIGHT) -> go.Figure:
    """Differences of accuracy, [T, T], in points: blue where the side is ahead, orange where it is behind."""
    size = len(difference)
    known = difference[np.isfinite(difference)]
    limit = max(_LEAST_SCALE, float(np.abs(known).max()) if len(known) else 0.0)
    names = [str(k + 1) if k in labelled(size) else "" for k in range(size)]
    words = [[_cell_words(difference[t, k], t, k) for k in range(size)] for t in range(size)]
    roomy = size <= MAX_CELL_TEXTS
    figure = go.Figure(cells(difference, (-limit, limit), _DIVERGING, words, GAP if roomy else 0))
    if roomy:
        figure.layout.annotations = [
            number(t, k, points(float(value)), color=LIGHT_TEXT if value > _DEEP * limit else DARK_TEXT)
            for (t, k), value in np.ndenumerate(difference)
            if np.isfinite(value)
        ]
    figure.update_xaxes(axis_of("difference on task", names))
    figure.update_yaxes(axis_of("after task", names, downwards=True))
    return frame(figure, height)


def _cell_words(value: float, moment: int, task: int) -> str:
    return f"after task {moment + 1}, task {task + 1}: {points(value)} points" if np.isfinite(value) else ""


def difference_table(difference: Floats) -> Table:
    """The twin of `difference_matrix`, as differences of shares."""
    names = [f"task {k + 1}" for k in range(len(difference))]
    return matrix_table(difference, [f"after {name}" for name in names], names, "moment")


def difference_headline(name: str, first: str, difference: Floats) -> str:
    """Who is ahead at the end, in words."""
    done = np.flatnonzero(np.isfinite(difference).any(1))
    mean = float(np.nanmean(difference[done[-1]])) if len(done) else 0.0
    gap = worded(mean, 1)
    if abs(mean) < 0.0005:
        return f"{name} and {first} end level"
    return f"{name} ends {gap} {'ahead of' if mean > 0 else 'behind'} {first}"


def with_spread(values: Floats, unit: str) -> str:
    """Mean and, of several runs, standard deviation: `90.5 ± 0.6`; `not known` where a run lacks it.

    Args:
        values: [n].
        unit: `"percent"`, `"points"` (with a sign) or `"seconds"`.
    """
    if not np.isfinite(values).all():
        return "not known"
    scaled = values * (100 if unit in ("percent", "points") else 1)
    mean = f"{scaled.mean():{'+' if unit == 'points' else ''}.1f}"
    spread = f" ± {scaled.std(ddof=1):.1f}" if len(values) > 1 else ""
    return f"{mean}{spread}".replace("-", MINUS)


def ahead(lines: Sequence[Line], lower_is_better: bool) -> str:
    """Which side ends best, and by how much, as a headline; of one line alone where it ends."""
    lines = [line for line in lines if np.isfinite(line.mean).any()]
    last = [line.mean[np.isfinite(line.mean)][-1] for line in lines]
    if len(lines) < 2:
        return f"{lines[0].title} ends at {percent(last[0], 1)}" if lines else "With a single task there is none"
    order = sorted(range(len(lines)), key=lambda i: last[i] if lower_is_better else -last[i])
    best, second = order[0], order[1]
    gap = abs(last[best] - last[second])
    spreads = [line.spread for line in lines]
    doubt = max((float(np.nan_to_num(spreads[i][-1])) for i in (best, second) if spreads[i] is not None), default=0.0)  # type: ignore[index]
    told = f"{lines[best].title} ends at {percent(last[best], 1)}, {lines[second].title} at {percent(last[second], 1)}"
    return f"{told}: within the spread of their seeds" if 0 < gap <= doubt else told
