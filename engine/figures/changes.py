"""Scores that would have to move for another answer: where each is, where it would be, and what range is usual."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats
from engine.figures.effects import EDITED
from engine.figures.look import MINUS, QUIET, frame, plain

_ROW = 54
"""Pixels of a concept: its words above its line."""


def moved_scores(names: Sequence[str], before: Floats, after: Floats, low: Floats, high: Floats) -> go.Figure:
    """One row a concept: its usual range as a line, a ring at its score and a diamond where it would have to be.

    Args:
        names: of the concepts, in the order drawn; any text.
        before, after, low, high: scores, aligned.
    """
    figure, rows = go.Figure(), np.arange(len(names), dtype=float)
    for row, lines in enumerate(zip(low, high, before, after, strict=True)):
        least, most, was, would = (float(value) for value in lines)
        figure.add_scatter(
            x=[min(least, was), max(most, was)], y=[row] * 2, mode="lines", line={"color": QUIET, "width": 2},
            opacity=0.6, hoverinfo="skip",
        )  # fmt: skip
        figure.add_scatter(
            x=[was, would], y=[row] * 2, mode="lines", line={"color": EDITED, "width": 4}, hoverinfo="skip"
        )
        verb = "less" if would < was else "more"
        words = f"{verb} <b>{plain(names[row])}</b>: {_score(was)} → {_score(would)}"
        figure.add_annotation(
            x=0, xref="paper", y=row - 0.42, text=words, showarrow=False, xanchor="left", yanchor="middle"
        )
    hints = [
        f"{plain(name)}, usually from {_score(a)} to {_score(b)}" for name, a, b in zip(names, low, high, strict=True)
    ]
    looks = (("now", before, "circle-open", QUIET), ("would be", after, "diamond", EDITED))
    for said, values, symbol, colour in looks:
        figure.add_scatter(
            x=values,
            y=rows,
            mode="markers",
            name=said,
            marker={"size": 12, "symbol": symbol, "color": colour, "line": {"width": 2.5}},
            customdata=hints,
            hovertemplate=f"%{{customdata}}<br>{said} %{{x:.2f}}<extra></extra>",
        )
    figure.update_yaxes(visible=False, range=[len(names) - 0.55, -0.75])
    figure.update_xaxes(title={"text": "score", "standoff": 4}, showgrid=False)
    return frame(figure, 56 + _ROW * len(names))


def _score(value: float) -> str:
    return f"{MINUS if value < 0 else ''}{abs(value):.2f}"
