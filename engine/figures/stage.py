"""A figure for the back of a room: the same one with larger letters and lines."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

_LETTERS = 19
"""Pixels of a letter on a stage of 720 pixels."""
_STANDOFF = 14
"""Pixels between an axis' numbers and its title."""
_GROW = 1.5
"""How much thicker lines and markers become."""


def staged(figure: go.Figure, scale: float = 1.0) -> go.Figure:
    """A copy of a figure, enlarged. Its height is left to whoever draws it.

    Args:
        scale: how much larger the stage is than 720 pixels.
    """
    large, letters = go.Figure(figure), round(_LETTERS * scale)
    large.update_layout(font_size=letters, height=None, legend_font_size=letters, hoverlabel_font_size=letters)
    for axis in ("xaxis", "yaxis"):
        large.update_layout({f"{axis}_tickfont_size": letters, f"{axis}_title_font_size": letters})
        large.update_layout({f"{axis}_automargin": True, f"{axis}_title_standoff": _STANDOFF})
    for note in large.layout.annotations:
        note.font.size = max(letters, (note.font.size or 0) * _GROW * scale)
    for trace in large.data:
        _grow(trace, letters, _GROW * scale)
    return large


def _grow(trace: Any, letters: int, factor: float) -> None:
    if trace.type in ("scatter", "bar"):
        trace.textfont = {"size": letters}
    if trace.type == "scatter":
        if trace.line.width:
            trace.line.width *= factor
        if isinstance(trace.marker.size, int | float):
            trace.marker.size *= factor
