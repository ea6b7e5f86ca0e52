"""What each policy's area under the accuracy curve gains on asking in random order."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import plotly.graph_objects as go

from engine.figures.contributions import axis_with_room
from engine.figures.intervention import CHANCE, COLOURS, Areas, note
from engine.figures.look import QUIET, frame, plain, whiskers
from engine.figures.scenario import tenths

_ROW = 40
"""Pixels of a policy: its name above its bar."""


def area_bars(found: Areas, titles: Mapping[str, str]) -> go.Figure:
    """One bar a policy, the best first: its area beyond the random order's, in points, with its 95 % interval.

    Bounds are hatched.

    Args:
        titles: the policies' names on screen.
    """
    gain = found.gain
    order = [int(i) for i in np.argsort(-gain, kind="stable") if found.names[i] != CHANCE]
    names, values = [found.names[i] for i in order], [100 * float(gain[i]) for i in order]
    figure = go.Figure(
        go.Bar(
            x=values,
            y=list(range(len(order))),
            width=0.34,
            orientation="h",
            marker={
                "color": [COLOURS.get(name, QUIET) for name in names],
                "pattern": {"shape": ["/" if found.bound[i] else "" for i in order]},
            },
            text=[tenths(float(gain[i])) for i in order],
            textposition="outside",
            cliponaxis=False,
            error_x=whiskers(
                values, 100 * found.low[order], 100 * found.high[order], thickness=1.5, width=4, color=QUIET
            ),
            customdata=[f"{plain(titles[found.names[i]])}<br>{note(found, i)}" for i in order],
            hovertemplate="%{customdata}: %{x:+.1f} points<extra></extra>",
        )
    )
    for row, i in enumerate(order):
        figure.add_annotation(
            x=0,
            xref="paper",
            y=row - 0.36,
            text=f"{plain(titles[found.names[i]].partition(':')[0])}, {note(found, i)}",
            showarrow=False,
            xanchor="left",
        )
    figure.update_yaxes(visible=False, range=[len(order) - 0.6, -0.7])
    ends = [100 * float(value) for value in (*found.low[order], *found.high[order])]
    axis = {**axis_with_room([*values, *ends]), "zeroline": False}  # names cross it
    figure.update_xaxes({**axis, "title": {"text": "points beyond random", "standoff": 4}})
    return frame(figure, 60 + _ROW * len(order))
