"""Who is taken for whom: classes among classes, or tasks among tasks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Ints
from engine.figures.look import CONFUSION_SCALE, MAX_CELL_TEXTS, frame, percent, plain
from engine.figures.matrix import HEIGHT, axis_of, clickable, outline
from engine.figures.tables import Table, cell, matrix_table
from engine.metrics.confusion import most_confused, shares


def confusion_matrix(
    confusion: Ints,
    names: Sequence[str],
    *,
    axis: str,
    chosen: int | None = None,
    breaks: Sequence[int] = (),
    height: int = HEIGHT,
) -> go.Figure:
    """Draw counts [n, n], rows true and columns predicted, as shares of each row.

    Args:
        names: of the n rows; shown only as far as there is room.
        axis: what rows are, for example `"task"`.
        chosen: the row to outline.
        breaks: row numbers before which a new task begins; drawn as thin lines.
    """
    share = shares(confusion)
    size = len(share)
    safe = [plain(name) for name in names]
    words = [
        [f"{safe[i]} taken for {safe[j]}: {percent(share[i, j])} ({confusion[i, j]})" for j in range(size)]
        for i in range(size)
    ]
    figure = clickable(share, words, CONFUSION_SCALE, None, least=0.005)
    if chosen is not None:
        outline(figure, -0.5, size - 0.5, chosen)
    figure.layout.shapes += tuple(line for at in breaks for line in _cross(at - 0.5))
    shown = safe if size <= MAX_CELL_TEXTS else [""] * size
    figure.update_xaxes(axis_of(f"predicted {axis}", shown))
    figure.update_yaxes(axis_of(f"true {axis}", shown, downwards=True))
    return frame(figure, height)


def _cross(at: float) -> tuple[dict[str, object], dict[str, object]]:
    """A line across and one down, from edge to edge."""
    line = {"type": "line", "line": {"width": 1, "color": "rgba(255,255,255,0.45)"}}
    across = {"xref": "x domain", "x0": 0, "x1": 1, "y0": at, "y1": at}
    down = {"yref": "y domain", "y0": 0, "y1": 1, "x0": at, "x1": at}
    return line | across, line | down


def confusion_table(confusion: Ints, names: Sequence[str], axis: str) -> Table:
    """The twin of `confusion_matrix`, in counts."""
    heads = [f"taken for {name}" for name in names]
    return matrix_table(confusion.astype(np.float64), names, heads, f"true {axis}")


def worst_mixup(confusion: Ints) -> tuple[int, int] | None:
    """(true, predicted) of the most frequent mistake, or None where there is none."""
    found = most_confused(confusion, 1)
    return found[0][:2] if found else None


def mistakes(confusion: Ints, row: int) -> list[tuple[int, float]]:
    """What a class is taken for, most often first: (predicted, share of its images), without itself."""
    share = np.nan_to_num(shares(confusion[row : row + 1])[0])
    share[row] = 0.0
    return [(int(j), float(share[j])) for j in np.argsort(-share, kind="stable") if share[j] > 0]


def mistakes_table(found: Sequence[tuple[int, float]], names: Sequence[str]) -> Table:
    """The twin of a class's list of mistakes."""
    return {"taken for": [names[j] for j, _ in found], "share": [cell(share) for _, share in found]}
