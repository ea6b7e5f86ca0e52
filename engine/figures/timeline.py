"""One concept through the tasks: how well it is known, how far it turned, and what it weighs for which class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats
from engine.explain.history import Break
from engine.figures.look import (
    DROP,
    LIGHT_TEXT,
    MINUS,
    MOVED,
    NEW,
    ORDINARY,
    QUIET,
    SIGNED,
    add_line,
    frame,
    plain,
    points,
    with_legend,
)
from engine.figures.matrix import axis_of, cells, number, targets
from engine.figures.tables import Table, cell, matrix_table

HEIGHT = 300
GUESSING = 0.5
_ROW = 27  # pixels of a class in the matrix
_DEEP = 0.85  # share of the limit from which white letters read better than the page's ink
_LONGEST = 26  # characters of a class's name on the axis
_SMALL = 0.1  # a largest weight below this needs a third decimal
_MOST_TEXTS = 16  # columns above which the cells' values are on hover and in the table only


def value_lines(auc: Floats, accuracy: Floats, broke: Break | None, moment: int, height: int = HEIGHT) -> go.Figure:
    """AUC and concept accuracy after each task, [T] with NaN where unknown; the break is marked, guessing is dotted.

    Args:
        moment: the task after which the reader looks; marked by a thin line.
    """
    figure = go.Figure()
    figure.add_hline(y=GUESSING, line_width=1, line_dash="dot", line_color=QUIET)
    figure.add_annotation(
        text="guessing", x=0, xref="x domain", xanchor="left", y=GUESSING, yshift=9, showarrow=False, font_size=11
    )
    for name, values, colour, dash in (("AUC", auc, ORDINARY, "solid"), ("accuracy", accuracy, NEW, "dash")):
        known = np.flatnonzero(np.isfinite(values))
        if known.size:  # marks tell no accuracy
            add_line(figure, known + 1, values[known], name, colour, f"after task %{{x}}, {name}: %{{y:.3f}}", dash)
    if broke is not None:
        _mark(figure, broke)
    _moment(figure, moment)
    _tasks_axis(figure, len(auc))
    lowest = float(np.nanmin(np.concatenate([auc, accuracy, [GUESSING]])))
    low = 0.4 if lowest >= GUESSING else 0.0
    figure.update_yaxes(range=[low, 1.03], tickformat=".0%", dtick=0.1 if low else 0.25)
    return with_legend(frame(figure, height))


def values_table(auc: Floats, accuracy: Floats, drift: Floats, turn: Floats) -> Table:
    """The twin of `value_lines` and `turn_bars`: everything known of the concept after each task."""
    return {
        "after task": list(range(1, len(auc) + 1)),
        "AUC": [cell(v) for v in auc],
        "accuracy": [cell(v) for v in accuracy],
        "turned at this task": [cell(v) for v in turn],
        "turned since it was learnt": [cell(v) for v in drift],
    }


def turn_bars(turn: Floats, drift: Floats, moment: int, broke: Break | None = None, height: int = HEIGHT) -> go.Figure:
    """How far the concept's direction turned at each task (bars) and since it was learnt (line), [T] each."""
    figure = go.Figure()
    known = np.flatnonzero(np.isfinite(turn))
    colours = [DROP if broke is not None and broke.task == t else QUIET for t in known]
    figure.add_bar(
        x=known + 1,
        y=turn[known],
        marker_color=colours,
        name="at the task",
        width=0.5,
        hovertemplate="at task %{x} it turned by %{y:.3f}<extra></extra>",
    )
    known = np.flatnonzero(np.isfinite(drift))
    hover = "after task %{x}: %{y:.3f} from where it began"
    add_line(figure, known + 1, drift[known], "since it was learnt", ORDINARY, hover)
    _moment(figure, moment)
    _tasks_axis(figure, len(turn))
    top = float(np.nanmax(np.concatenate([drift, turn, [0.1]])))
    figure.update_yaxes(range=[0, 1.12 * top], tickformat=".2f", nticks=6)
    return with_legend(frame(figure, height))


def weight_matrix(weights: Floats, classes: Sequence[str], moment: int) -> go.Figure:
    """What the concept weighs for each class after each task.

    Points of the second trace lie at (task, class row): they are what a click selects.

    Args:
        weights: [T, C], NaN where class or concept was not there yet.
        classes: C names; any text.
        moment: its column is outlined.
    """
    shown = weights.T  # [C, T]
    limit = bound(weights)
    figure = go.Figure(cells(shown, (-limit, limit), SIGNED))
    rows, columns = np.nonzero(np.isfinite(shown))
    places = [*zip(rows.tolist(), columns.tolist(), strict=True)]
    words = [f"{plain(classes[i])} after task {j + 1}: {signed(shown[i, j], 3)}" for i, j in places]
    figure.add_trace(targets(rows, columns, words, 22))
    if len(weights) <= _MOST_TEXTS:
        figure.layout.annotations = [_value(float(shown[i, j]), i, j, limit) for i, j in places]
    figure.add_shape(
        type="rect",
        x0=moment - 0.5,
        x1=moment + 0.5,
        y0=-0.5,
        y1=len(classes) - 0.5,
        line={"color": MOVED, "width": 2},
    )
    figure.update_xaxes(axis_of("after task", [str(t + 1) for t in range(len(weights))]))
    figure.update_yaxes(axis_of("", [plain(_short(name)) for name in classes], downwards=True))
    return frame(figure, _ROW * max(len(classes), 3) + 60)


def weights_table(weights: Floats, classes: Sequence[str]) -> Table:
    """The twin of `weight_matrix`: one row a class, one column a moment."""
    return matrix_table(weights.T, classes, [f"after task {t + 1}" for t in range(len(weights))], "class")


def bound(weights: Floats) -> float:
    """The weight that is drawn strongest: the 99th percentile of the sizes, so that one outlier hides nothing."""
    known = np.abs(weights[np.isfinite(weights)])
    return float(np.percentile(known, 99)) or 1.0 if len(known) else 1.0


def signed(value: float, digits: int = 2) -> str:
    """A weight with its sign and a true minus; what rounds to nothing is `0`."""
    number = f"{abs(value):.{digits}f}"
    if not float(number):
        return "0"
    return f"{'+' if value > 0 else MINUS}{number}"


def digits(largest: float) -> int:
    """Decimals that tell weights apart where the largest is this size."""
    return 2 if largest >= _SMALL else 3


def _value(value: float, row: int, column: int, limit: float) -> dict[str, object]:
    text = signed(value, digits(limit))
    colour = {"color": LIGHT_TEXT} if abs(value) >= _DEEP * limit else {}
    return number(row, column, "" if text == "0" else text, 12, **colour)


def _mark(figure: go.Figure, broke: Break) -> None:
    """The falling piece in its own colour, with the fall in points beside it."""
    figure.add_scatter(
        x=[broke.task, broke.task + 1],
        y=[broke.before, broke.after],
        mode="lines",
        line={"color": DROP, "width": 6},
        hoverinfo="skip",
        showlegend=False,
        name="break",
    )
    place = {"x": broke.task + 1, "y": broke.after, "xanchor": "center", "yanchor": "top", "yshift": -6}
    figure.add_annotation(text=f"<b>{points(-broke.fall)}</b> at task {broke.task + 1}", showarrow=False, **place)


def _moment(figure: go.Figure, moment: int) -> None:
    figure.add_vline(x=moment + 1, line_width=2, line_dash="dot", line_color=MOVED)


def _tasks_axis(figure: go.Figure, tasks: int) -> None:
    every = max(1, -(-tasks // 20))
    figure.update_xaxes(
        title="after task",
        tickmode="array",
        tickvals=list(range(1, tasks + 1, every)),
        range=[0.6, tasks + 0.4],
        showgrid=False,
    )


def _short(name: str) -> str:
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
