"""What stands beside every bottleneck: accuracy with few concepts, what leaks, and relations that tasks destroyed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats, Ints
from engine.figures.contributions import short
from engine.figures.forgetting import time_axes
from engine.figures.look import DROP, NEW, OLD, ORDINARY, QUIET, add_line, frame, percent, plain, with_legend

_HEIGHT = 300
_SHADES = (ORDINARY, NEW, OLD, DROP, "#56B4E9", "#E69F00")


def sparse_lines(levels: Ints, lines: Sequence[tuple[str, Floats]], best: tuple[str, float] | None) -> go.Figure:
    """Accuracy over the number of concepts a class; the best black box as a line across.

    Args:
        lines: what is drawn, [L] each: the run's first, then its controls'.
        best: title and accuracy.
    """
    figure = go.Figure()
    looks = ((ORDINARY, "solid"), (NEW, "solid"), (QUIET, "dash"), (QUIET, "dot"))
    for (name, values), (colour, dash) in zip(lines, looks, strict=False):
        add_line(figure, levels, values, name, colour, f"%{{x}} concepts a class, {name}: %{{y:.1%}}", dash)
    if best is not None:
        across = np.full(len(levels), best[1])
        title = plain(short(best[0]))
        add_line(figure, levels, across, f"black box: {title}", DROP, f"{title}: %{{y:.1%}}", "dashdot")
    figure.update_xaxes(title="concepts a class", tickvals=levels.tolist(), fixedrange=True)
    figure.update_yaxes(title="accuracy", tickformat=".0%", rangemode="normal")
    return with_legend(frame(figure, _HEIGHT))


def kinds_of_input(names: Sequence[str], accuracy: Floats) -> go.Figure:
    """Accuracy of a head on each kind of input, as bars with their numbers."""
    said = [percent(float(value), 1) for value in accuracy]
    figure = go.Figure(
        go.Bar(x=accuracy, y=list(names), orientation="h", marker_color=[ORDINARY, QUIET, QUIET], text=said)
    )
    figure.update_traces(textposition="auto", hovertemplate="%{y}: %{x:.1%}<extra></extra>")
    figure.update_xaxes(title="accuracy", tickformat=".0%", range=[0, 1])
    figure.update_yaxes(autorange="reversed", automargin=True)
    return frame(figure, _HEIGHT - 80)


def relation_lines(matrix: Floats, what: str) -> go.Figure:
    """A line a task from when it was learnt, [T, T]."""
    figure = go.Figure()
    for k in range(len(matrix)):
        then = np.arange(k, len(matrix))
        colour = _SHADES[k % len(_SHADES)]
        add_line(
            figure, then + 1, matrix[k:, k], f"task {k + 1}", colour, f"after task %{{x}}, task {k + 1}: %{{y:.2f}}"
        )
    time_axes(figure, len(matrix))
    low = float(np.nanmin(matrix))
    figure.update_yaxes(title=what, range=[min(0.9, low) - 0.05, 1.05], dtick=None, tickformat=".2f")
    return with_legend(frame(figure, _HEIGHT))
