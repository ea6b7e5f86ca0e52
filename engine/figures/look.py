"""What all figures share: colours with one meaning each, and how Plotly figures are framed.

Backgrounds stay transparent and text stays uncoloured wherever the page's theme colours it, so one figure serves light
and dark. Categorical colours are Okabe and Ito's (2008), told apart by colour-blind readers too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import plotly.graph_objects as go

from engine import escaping
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
_SHARP = 2
"""Pixels of a saved PNG for each on the screen, in each direction."""


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
    """The common frame: transparent, tight margins, no dragging."""
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
