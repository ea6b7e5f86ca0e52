"""Parallel coordinates: a line for each setting, over an axis for each thing that varies and for what it reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from engine.array_types import Floats
from engine.figures.look import DROP, ORDINARY, QUIET, frame, plain

_HEIGHT = 380
_FAINT, _BEST = 0.2, 4
"""Opacity of the lowest line, on a page that is light or dark; width of the best, in pixels."""
_LETTER, _MOST_MARGIN = 6, 240
"""Pixels that a letter of a name takes, about, and that all may take beside the chart."""
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
    """Settings as lines from axis to axis; the higher its value, the stronger a line.

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
        share = 1.0 if one == best else float(values[one] - low) / span
        figure.add_scatter(
            x=at,
            y=[float(axis.places[one]) for axis in axes],
            mode="lines",
            line={"color": DROP if one == best else ORDINARY, "width": _BEST if one == best else 1 + share},
            opacity=_FAINT + (1 - _FAINT) * share,
            hovertemplate=f"{plain(titles[one])}<extra></extra>",
        )
    for place, axis in enumerate(axes):
        _name(figure, place, axis)
    figure.update_xaxes(
        range=[-0.1, at[-1] + 0.3],
        tickvals=at,
        ticktext=[plain(axis.title) for axis in axes],
        side="top",
        showgrid=False,
        showline=False,
    )
    figure.update_yaxes(visible=False, range=[-0.06, 1.1])
    longest = max((len(name) for name in axes[0].names), default=0)
    return frame(figure, _HEIGHT).update_layout(margin_l=min(_LETTER * longest, _MOST_MARGIN))


def _name(figure: go.Figure, place: int, axis: Upright) -> None:
    """The first axis has its names outside, where no line runs; the others a little above their place."""
    outside = {"xanchor": "right", "xshift": -6} if place == 0 else {"xanchor": "left", "xshift": 4, "yshift": 9}
    step = -(-len(axis.ticks) // MOST_TICKS)
    for tick, name in list(zip(axis.ticks, axis.names, strict=True))[::step]:
        figure.add_annotation(
            x=place,
            y=tick,
            text=plain(name),
            showarrow=False,
            font={"size": 11},
            **outside,
        )
