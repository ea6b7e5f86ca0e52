"""What all figures share: colours with one meaning each, and how Plotly figures are framed.

Backgrounds stay transparent and text stays uncoloured wherever the page's theme colours it, so one figure serves light
and dark. Categorical colours are Okabe and Ito's (2008), told apart by colour-blind readers too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from engine import escaping
from engine.array_types import Floats, Ints
from engine.metrics.wording import MINUS as MINUS
from engine.metrics.wording import certainty as certainty
from engine.metrics.wording import percent as percent

ORDINARY = "#0072B2"
"""The ordinary test split, and whatever is measured on clean images."""
MOVED = "#E69F00"
"""The moved test split. Misses 3:1 on white, so it is always dashed and labelled as well."""
OLD = "#CC79A7"
"""Classes of earlier tasks."""
NEW = "#009E73"
"""Classes of the newest task."""
DROP = "#D55E00"
"""A loss that the reader should see first."""
FOR, AGAINST = ORDINARY, DROP
"""What speaks for a class or a concept, and what against: bars, grids and heat maps alike."""
QUIET = "#8C877B"
"""Context: readable on paper and on the dark page, but never the message."""

SIGNED = [
    [0.0, "rgba(213,94,0,1)"],
    [0.5, "rgba(213,94,0,0.06)"],
    [0.5, "rgba(0,114,178,0.06)"],
    [1.0, "rgba(0,114,178,1)"],
]
"""Orange against, blue for, as in the bars of one image; towards zero both fade into the page, light or dark."""
ACCURACY_SCALE = "Viridis"
CONFUSION_SCALE = "Cividis"
DARK_TEXT, LIGHT_TEXT = "#000000", "#FFFFFF"
FLIP = 0.455
"""Where on Viridis and Cividis dark text becomes more readable than light text."""

_MOST_LABELS = 50  # along an axis of a chart of the usual size
MAX_CELL_TEXTS = 20
"""A matrix with more rows than this shows its values on hover and in its table only."""

CONFIG: Mapping[str, Any] = {
    "displayModeBar": "hover",
    "modeBarButtons": [["toImage"]],
    "displaylogo": False,
    "scrollZoom": False,
    "doubleClick": False,
}
"""Plotly configuration of every figure that is clicked rather than zoomed: its one button saves a PNG."""
Numbers = Floats | Ints
_SHARP = 2
"""Pixels of a saved PNG for each on the screen, in each direction."""


def labelled(count: int) -> range:
    """Which of so many tasks along an axis have room for a label, from 0: all of 50, and evenly fewer of more."""
    return range(0, count, -(-count // _MOST_LABELS) or 1)


def on_scale(value: float) -> str:
    """The text colour that is readable on a cell of `value` 0..1 of either scale."""
    return DARK_TEXT if value >= FLIP else LIGHT_TEXT


def points(value: float) -> str:
    """A difference of accuracies in points with its sign and a true minus: 0.18 as `+18`."""
    number = round(100 * value)
    return f"+{number}" if number > 0 else f"{MINUS}{-number}" if number < 0 else "0"


def plain(text: str) -> str:
    """Text from outside, made safe for a figure: Plotly renders some HTML tags in labels and hovers."""
    return escaping.plotly(text)


def saving_as(config: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A configuration whose PNGs are called `plumage-<name>.png`."""
    return {**config, "toImageButtonOptions": {"format": "png", "filename": f"plumage-{name}", "scale": _SHARP}}


def frame(figure: go.Figure, height: int, **layout: Any) -> go.Figure:
    """The common frame: transparent, tight margins, no dragging; axes that say nothing else stay put and have no line
    at zero."""
    for axis in (figure.layout.xaxis, figure.layout.yaxis):
        axis.fixedrange = axis.fixedrange is not False
        axis.zeroline = axis.zeroline is True
    return figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        dragmode=False,
        showlegend=False,
        modebar={"bgcolor": "rgba(0,0,0,0)", "color": QUIET, "activecolor": ORDINARY},
        **layout,
    )


def with_legend(figure: go.Figure, y: float = 1.02, fixed: bool = False, **layout: Any) -> go.Figure:
    """A legend in one line above the chart.

    Args:
        y: where it begins, in heights of the chart.
        fixed: whether a click on it hides nothing.
    """
    place = {"orientation": "h", "yanchor": "bottom", "y": y, "x": 0}
    return figure.update_layout(
        showlegend=True, legend=place | ({"itemclick": False, "itemdoubleclick": False} if fixed else {}), **layout
    )


def whiskers(values: npt.ArrayLike, low: npt.ArrayLike, high: npt.ArrayLike, **look: Any) -> dict[str, Any]:
    """An error bar from `low` to `high` for each of the values; `look` may have `color`, `thickness` and `width`."""
    above, below = np.subtract(high, values), np.subtract(values, low)
    return {"type": "data", "symmetric": False, "array": above, "arrayminus": below, **look}


def add_band(figure: go.Figure, x: Numbers, low: Floats, high: Floats, colour: str, **look: Any) -> None:
    """What lies between two lines over `x`, filled."""
    figure.add_scatter(
        x=np.concatenate([x, x[::-1]]),
        y=np.concatenate([high, low[::-1]]),
        fill="toself",
        fillcolor=colour,
        line={"width": 0},
        mode="lines",
        hoverinfo="skip",
        showlegend=False,
        **look,
    )


def add_line(
    figure: go.Figure,
    x: npt.ArrayLike,
    y: npt.ArrayLike,
    name: str,
    colour: str,
    hover: str,
    dash: str = "solid",
    **more: Any,
) -> None:
    """A line with a dot for every value.

    Args:
        hover: what is said over a dot, in Plotly's template.
        more: any other of Plotly's properties; `marker_size` is 7 unless given.
    """
    line = {"color": colour, "width": 3, "dash": dash}
    more = {"marker_size": 7, "hovertemplate": f"{hover}<extra></extra>", **more}
    figure.add_scatter(x=x, y=y, mode="lines+markers", name=name, line=line, **more)
