"""The accuracy matrix: rows are moments ("after task i"), columns are tasks; lower triangular, values in the cells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats, Ints
from engine.figures.look import (
    ACCURACY_SCALE,
    DROP,
    MAX_CELL_TEXTS,
    frame,
    labelled,
    on_scale,
    percent,
)
from engine.figures.tables import Table, matrix_table

GAP = 2
"""Pixels of page between cells."""
HEIGHT = 380


def accuracy_matrix(accuracy: Floats, chosen: tuple[int, int] | None = None, height: int = HEIGHT) -> go.Figure:
    """Draw `accuracy` [T, T], 0..1 with NaN where not known; `chosen` is the outlined cell (row, column).

    Points of the second trace lie at (column, row): they are what a click selects.
    """
    tasks = len(accuracy)
    words = [
        [f"after task {t + 1}, task {k + 1}: {percent(accuracy[t, k], 1)}" for k in range(tasks)] for t in range(tasks)
    ]
    names = [str(k + 1) if k in labelled(tasks) else "" for k in range(tasks)]
    figure = clickable(accuracy, words, ACCURACY_SCALE, chosen)
    figure.add_trace(_to_come(accuracy))
    figure.update_xaxes(axis_of("accuracy on task", names))
    figure.update_yaxes(axis_of("after task", names, downwards=True))
    return frame(figure, height)


def accuracy_table(accuracy: Floats) -> Table:
    """The twin of `accuracy_matrix`."""
    tasks = len(accuracy)
    names = [f"task {k + 1}" for k in range(tasks)]
    return matrix_table(accuracy, [f"after {name}" for name in names], names, "moment")


def clickable(
    values: Floats, words: list[list[str]], scale: str, chosen: tuple[int, int] | None, least: float = -1.0
) -> go.Figure:
    """A heatmap, its values as annotations, and transparent markers on top that catch clicks and hovers."""
    size = len(values)
    figure = go.Figure(cells(values, (0, 1), scale, gap=_gap(size)))
    with np.errstate(invalid="ignore"):
        rows, columns = np.nonzero(values > least)
    told = [words[i][j] for i, j in zip(rows, columns, strict=True)]
    figure.add_trace(targets(rows, columns, told, max(6, min(40, 320 // max(size, 1)))))
    if size <= MAX_CELL_TEXTS:
        figure.layout.annotations = [
            number(i, j, f"{100 * values[i, j]:.0f}", color=on_scale(values[i, j]))
            for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
        ]
    if chosen is not None:
        outline(figure, chosen[1] - 0.5, chosen[1] + 0.5, chosen[0])
    return figure


def _to_come(accuracy: Floats) -> go.Heatmap:
    """Faint cells where a value will be once its task is finished."""
    waiting = np.tril(np.isnan(accuracy))
    wash = [[0, "rgba(140,135,123,0.14)"], [1, "rgba(140,135,123,0.14)"]]
    found = cells(np.where(waiting, 0.0, np.nan), (None, None), wash, gap=_gap(len(accuracy)))
    return found.update(name="to come")


def cells(
    values: Floats,
    limits: tuple[float | None, float | None],
    scale: str | Sequence[Sequence[object]],
    words: Sequence[Sequence[str]] | None = None,
    gap: float = GAP,
) -> go.Heatmap:
    """A grid of coloured cells.

    Args:
        limits: values at the ends of the colour scale.
        words: what the hover says of each; None for nothing.
    """
    hover = {"hoverinfo": "skip"} if words is None else {"text": words, "hovertemplate": "%{text}<extra></extra>"}
    low, high = limits
    return go.Heatmap(z=values, zmin=low, zmax=high, colorscale=scale, showscale=False, xgap=gap, ygap=gap, **hover)


def targets(rows: Ints, columns: Ints, words: Sequence[str], size: float) -> go.Scatter:
    """A transparent marker on each of these cells, which catches clicks and hovers: heatmaps themselves return none."""
    return go.Scatter(
        x=columns,
        y=rows,
        mode="markers",
        marker={"symbol": "square", "size": size, "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        text=words,
        hovertemplate="%{text}<extra></extra>",
    )


def number(row: int, column: int, text: str, size: float = 13, **font: str) -> dict[str, object]:
    """The number in a cell, as an annotation."""
    return {"x": column, "y": row, "text": text, "showarrow": False, "font": {"size": size, **font}}


def _gap(size: int) -> float:
    return GAP if size <= MAX_CELL_TEXTS else 0


def outline(figure: go.Figure, left: float, right: float, row: int) -> None:
    line = {"color": DROP, "width": 3}
    figure.add_shape(type="rect", x0=left, x1=right, y0=row - 0.5, y1=row + 0.5, line=line)


def axis_of(title: str, names: Sequence[str], downwards: bool = False, room: float = 0.5) -> dict[str, object]:
    """An axis of cells or rows: one name each, fixed, without lines; `downwards` puts the first row on top.

    Args:
        room: rows kept above the middle of the first and below that of the last, where they go downwards.
    """
    return {
        "title": {"text": title, "standoff": 6} if title else None,
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": list(names),
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "fixedrange": True,
        "range": [len(names) - 1 + room, -room] if downwards else [-0.5, len(names) - 0.5],
        "automargin": True,
    }
