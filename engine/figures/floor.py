"""What a run forgot, beside what references lose that forget nothing."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from engine.figures.contributions import axis_with_room
from engine.figures.look import DROP, MINUS, QUIET, frame, plain
from engine.figures.matrix import axis_of
from engine.figures.tables import Table, cell

_ROW = 44
"""Pixels of a bar with its name."""


def lost(value: float) -> str:
    """A loss in points with one decimal, a gain with a true minus."""
    return f"{100 * value:.1f}".replace("-", MINUS)


def floor_bars(names: Sequence[str], values: Sequence[float]) -> go.Figure:
    """Points that earlier tasks lost on average, one bar each, the run's first.

    Args:
        values: forgetting, -1..1.
    """
    points = [100 * value for value in values]
    figure = go.Figure(
        go.Bar(
            x=points,
            y=list(range(len(names))),
            orientation="h",
            width=0.5,
            marker={
                "color": [DROP, *[QUIET] * (len(names) - 1)],
                "pattern": {"shape": ["", *["/"] * (len(names) - 1)]},
            },
            text=[lost(value) for value in values],
            textposition="outside",
            cliponaxis=False,
            customdata=[plain(name) for name in names],
            hovertemplate="%{customdata}: %{x:.1f} points<extra></extra>",
        )
    )
    figure.update_yaxes(axis_of("", [plain(name) for name in names], downwards=True, room=0.6))
    figure.update_xaxes({**axis_with_room(points), "title": {"text": "points lost on average", "standoff": 4}})
    return frame(figure, 70 + _ROW * len(names))


def floor_table(names: Sequence[str], values: Sequence[float]) -> Table:
    """The twin of `floor_bars`."""
    return {"who": list(names), "forgetting": [cell(value) for value in values]}
