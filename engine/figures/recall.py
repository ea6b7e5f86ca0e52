"""How well one class was known after each task."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats
from engine.figures.forgetting import time_axes
from engine.figures.look import ORDINARY, QUIET, add_line, frame
from engine.figures.tables import Table, cell


def recall_line(values: Floats, moment: int, height: int = 260) -> go.Figure:
    """Share of the class's test images recognised after each task, [T] with NaN before it was learnt.

    Args:
        moment: the task after which the reader looks; marked by a thin line.
    """
    known = np.flatnonzero(np.isfinite(values))
    figure = go.Figure()
    hover = "after task %{x}: %{y:.0%}"
    add_line(figure, known + 1, values[known], "recognised", ORDINARY, hover, marker_size=8)
    figure.add_vline(x=moment + 1, line_width=1, line_dash="dot", line_color=QUIET)
    time_axes(figure, len(values))
    return frame(figure, height)


def recall_table(values: Floats) -> Table:
    """The twin of `recall_line`."""
    return {"after task": list(range(1, len(values) + 1)), "recognised": [cell(v) for v in values]}
