"""The concepts that an attack moves across their threshold most and least often."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats
from engine.figures.look import ORDINARY, frame, percent, plain
from engine.figures.matrix import axis_of
from engine.figures.robustness import ATTACKED
from engine.figures.tables import Table, cell

_ROW = 30
_LEAST_AXIS = 0.05
_ROOM = 1.18
_EDGE = 58
"""Pixels above and below the bars."""


def order(flips: Floats, moved: Floats) -> list[int]:
    """Concepts from the easiest to fool to the hardest: by share of flips, then by how far the score was moved.

    Those of which nothing is known are left out.
    """
    known = np.flatnonzero(np.isfinite(flips))
    return sorted(known.tolist(), key=lambda k: (-float(flips[k]), -float(np.nan_to_num(moved[k]))))


def easiest_words(names: Sequence[str], flips: Floats, ordered: Sequence[int]) -> str:
    """The first of concepts from the easiest to the hardest, in words."""
    top = ordered[0]
    if not flips[top]:
        return "No concept is fooled"
    return f"“{names[top]}” is fooled most easily: on {percent(float(flips[top]))} of the images"


def hardest_words(names: Sequence[str], flips: Floats, ordered: Sequence[int]) -> str:
    """The last of them, in words."""
    last = ordered[-1]
    return f"“{names[last]}” holds best: fooled on {percent(float(flips[last]))}"


def fooled_bars(names: Sequence[str], flips: Floats, moved: Floats, shown: Sequence[int], hard: bool) -> go.Figure:
    """Share of images on which each of the concepts `shown` crossed its threshold, on one scale for all concepts."""
    figure = go.Figure(
        go.Bar(
            x=[float(flips[k]) for k in shown],
            y=list(range(len(shown))),
            orientation="h",
            marker={"color": ORDINARY if hard else ATTACKED},
            text=[f"{percent(float(flips[k]))}  ({float(moved[k]):.1f} sd)" for k in shown],
            textposition="outside",
            cliponaxis=False,
            constraintext="none",
            hovertext=[
                f"{plain(names[k])}: fooled on {percent(float(flips[k]), 1)}, score moved by {moved[k]:.2f} "
                "standard deviations"
                for k in shown
            ],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    )
    most = float(np.nanmax(flips)) if np.isfinite(flips).any() else 1.0
    figure.update_yaxes(axis_of("", [plain(names[k]) for k in shown], downwards=True))
    figure.update_xaxes(
        title="images on which it crossed its threshold",
        range=[0, _ROOM * max(most, _LEAST_AXIS)],
        tickformat=".0%",
    )
    return frame(figure, _ROW * len(shown) + _EDGE).update_layout(margin_r=70)


def fooled_table(names: Sequence[str], flips: Floats, moved: Floats) -> Table:
    """All concepts, the easiest first."""
    found = order(flips, moved)
    return {
        "concept": [names[k] for k in found],
        "fooled": [cell(float(flips[k])) for k in found],
        "score moved (sd)": [cell(float(moved[k]), 3) for k in found],
    }
