"""The accuracy matrix: rows are moments ("after task i"), columns are tasks; lower triangular, values in the cells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats
from engine.figures.look import (
    ACCURACY_SCALE,
    DROP,
    MAX_CELL_TEXTS,
    frame,
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
    names = [str(k + 1) for k in range(tasks)]
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
    figure = go.Figure(
        go.Heatmap(
            z=values,
            zmin=0,
            zmax=1,
            colorscale=scale,
            showscale=False,
            xgap=_gap(size),
            ygap=_gap(size),
            hoverinfo="skip",
        )
    )
    with np.errstate(invalid="ignore"):
        rows, columns = np.nonzero(values > least)
    figure.add_scatter(
        x=columns,
        y=rows,
        mode="markers",
        marker={"symbol": "square", "size": max(6, min(40, 320 // max(size, 1))), "opacity": 0},
        selected={"marker": {"opacity": 0}},
        unselected={"marker": {"opacity": 0}},
        text=[words[i][j] for i, j in zip(rows, columns, strict=True)],
        hovertemplate="%{text}<extra></extra>",
    )
    if size <= MAX_CELL_TEXTS:
        figure.layout.annotations = [
            _value(values[i, j], i, j)
            for i, j in zip(rows.tolist(), columns.tolist(), strict=True)
            if values[i, j] > least
        ]
    if chosen is not None:
        outline(figure, chosen[1] - 0.5, chosen[1] + 0.5, chosen[0])
    return figure


def _to_come(accuracy: Floats) -> go.Heatmap:
    """Faint cells where a value will be once its task is finished."""
    waiting = np.tril(np.isnan(accuracy))
    wash = [[0, "rgba(140,135,123,0.14)"], [1, "rgba(140,135,123,0.14)"]]
    gap = _gap(len(accuracy))
    z = np.where(waiting, 0.0, np.nan)
    return go.Heatmap(z=z, colorscale=wash, showscale=False, xgap=gap, ygap=gap, hoverinfo="skip", name="to come")


def _value(value: float, row: int, column: int) -> dict[str, object]:
    font = {"color": on_scale(value), "size": 13}
    return {"x": int(column), "y": int(row), "text": f"{100 * value:.0f}", "showarrow": False, "font": font}


def _gap(size: int) -> float:
    return GAP if size <= MAX_CELL_TEXTS else 0


def outline(figure: go.Figure, left: float, right: float, row: int) -> None:
    line = {"color": DROP, "width": 3}
    figure.add_shape(type="rect", x0=left, x1=right, y0=row - 0.5, y1=row + 0.5, line=line)


def axis_of(title: str, names: Sequence[str], downwards: bool = False) -> dict[str, object]:
    """An axis of cells: one name each, fixed, without lines; `downwards` puts the first row on top."""
    return {
        "title": {"text": title, "standoff": 6},
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": list(names),
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "fixedrange": True,
        "range": [len(names) - 0.5, -0.5] if downwards else [-0.5, len(names) - 0.5],
        "automargin": True,
    }
