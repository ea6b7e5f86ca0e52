"""Parallel coordinates: a line for each setting, over an axis for each thing that varies and for what it reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go
from plotly.colors import sample_colorscale

from engine.array_types import Floats
from engine.figures.look import ACCURACY_SCALE, DROP, QUIET, frame, plain

_HEIGHT = 380
MOST_TICKS = 12
"""Of an axis: values beyond stand there without their names."""


@dataclass(frozen=True)
class Upright:
    """One axis.

    Attributes:
        title: above it; any text.
        places: where each setting crosses it, 0..1, [S].
        ticks: places of its names, 0..1.
        names: of the ticks; any text.
    """

    title: str
    places: Floats
    ticks: Sequence[float]
    names: Sequence[str]


def parallel(axes: Sequence[Upright], values: Floats, titles: Sequence[str], best: int | None) -> go.Figure:
    """Settings as lines from axis to axis, coloured by `values`.

    Args:
        axes: at least two.
        values: of each setting, whatever their unit, [S].
        titles: what is said over each line, [S]; any text.
        best: place of the line that is drawn in front, and thicker.
    """
    figure = go.Figure()
    at = list(range(len(axes)))
    for place in at:
        figure.add_shape(type="line", x0=place, x1=place, y0=0, y1=1, line={"color": QUIET, "width": 1})
    low, span = float(values.min()), float(values.max() - values.min()) or 1.0
    order = sorted(range(len(values)), key=lambda one: (one == best, values[one]))  # good ones over bad ones
    for one in order:
        colour = sample_colorscale(ACCURACY_SCALE, [float(values[one] - low) / span])[0]
        figure.add_scatter(
            x=at,
            y=[float(axis.places[one]) for axis in axes],
            mode="lines",
            line={"color": DROP if one == best else colour, "width": 4 if one == best else 1.5},
            opacity=1.0 if one == best else 0.75,
            hovertemplate=f"{plain(titles[one])}<extra></extra>",
        )
    for place, axis in enumerate(axes):
        _name(figure, place, axis)
    figure.update_xaxes(
        range=[-0.15, at[-1] + 0.35],
        tickvals=at,
        ticktext=[plain(axis.title) for axis in axes],
        side="top",
        showgrid=False,
        showline=False,
    )
    figure.update_yaxes(visible=False, range=[-0.06, 1.06])
    return frame(figure, _HEIGHT)


def _name(figure: go.Figure, place: int, axis: Upright) -> None:
    step = -(-len(axis.ticks) // MOST_TICKS)
    for tick, name in list(zip(axis.ticks, axis.names, strict=True))[::step]:
        figure.add_annotation(
            x=place,
            y=tick,
            text=plain(name),
            showarrow=False,
            xanchor="left",
            xshift=5,
            font={"size": 11},
        )
