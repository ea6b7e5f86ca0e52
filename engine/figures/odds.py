"""How probable the likeliest classes of one picture are, before and after something was done to it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats
from engine.figures.effects import EDITED
from engine.figures.look import ORDINARY, frame, percent, plain, with_legend

_ROW = 46
"""Pixels of a class: its name above its bars."""
_BAR = 0.26
"""Thickness of a bar, where a row is 1."""
_BEYOND = 1.2
"""End of the axis, where the longest bar ends at 1: room for its number."""
_LEAST = 0.0005
"""Smaller probabilities are written as such."""


def paired_odds(
    names: Sequence[str], before: Floats, after: Floats | None = None, true: int | None = None
) -> go.Figure:
    """One row a class: its name, and below it a blue bar for before and a hatched purple one for now.

    Args:
        names: of the classes, in the order drawn.
        before, after: probabilities 0..1, aligned; without `after` there is one bar a class.
        true: place of the true class, which is marked in words, or None.
    """
    figure, rows = go.Figure(), np.arange(len(names), dtype=float)
    sides = [("before", before, ORDINARY, "", 0.12), ("now", after, EDITED, "/", 0.12 + _BAR)]
    for said, values, colour, pattern, down in sides:
        if values is not None:
            figure.add_bar(
                x=values,
                y=rows + down,
                width=_BAR * 0.9,
                orientation="h",
                name=said,
                marker={"color": colour, "pattern": {"shape": pattern}},
                text=[_chance(value) for value in values],
                textposition="outside",
                textfont={"size": 12},
                constraintext="none",
                cliponaxis=False,
                customdata=[plain(name) for name in names],
                hovertemplate=f"%{{customdata}}, {said}: %{{x:.1%}}<extra></extra>",
            )
    for row, name in enumerate(names):
        mark = " <i>its class</i>" if row == true else ""
        figure.add_annotation(
            x=0, y=row - 0.2, text=f"{plain(name)}{mark}", showarrow=False, xanchor="left", yanchor="middle"
        )
    figure.update_yaxes(visible=False, range=[len(names) - 0.4, -0.5])
    most = max(float(values.max()) for values in (before, after) if values is not None)
    figure.update_xaxes(visible=False, range=[0, _BEYOND * most])
    framed = frame(figure, 50 + _ROW * len(names), barmode="overlay")
    return framed if after is None else with_legend(framed, 1.0, margin_t=30)


def _chance(value: float) -> str:
    return percent(value) if value >= 0.095 else percent(value, 1) if value >= _LEAST else "< 0.1 %"
