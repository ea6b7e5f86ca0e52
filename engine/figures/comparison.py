"""Scenarios beside each other and beside the run they change."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from engine.array_types import Floats
from engine.figures.look import MOVED, NEW, ORDINARY, QUIET, frame, plain, with_legend
from engine.figures.matrix import axis_of
from engine.figures.scenario import label
from engine.figures.tables import Table, matrix_table

_SPLIT_LOOKS = ((QUIET, "circle"), (NEW, "square"), (ORDINARY, "diamond"), (MOVED, "triangle-up"))
"""Colour and shape of the splits: validation, validation elsewhere, ordinary test, moved test."""


def side_by_side(titles: Sequence[str], splits: Sequence[str], accuracy: Floats) -> go.Figure:
    """One row a scenario, one labelled dot a split; the run comes first, and a thin line marks where it stands.

    Args:
        titles: of the R scenarios; any text.
        splits: what the S splits are called.
        accuracy: [R, S].
    """
    figure = go.Figure()
    places = list(range(len(titles)))
    for s, split in enumerate(splits):
        colour, symbol = _SPLIT_LOOKS[s % len(_SPLIT_LOOKS)]
        figure.add_vline(x=accuracy[0, s], line_width=1, line_dash="dot", line_color=colour)
        figure.add_scatter(
            x=accuracy[:, s],
            y=places,
            mode="markers",
            name=split,
            marker={"size": 13, "color": colour, "symbol": symbol},
            customdata=[plain(title) for title in titles],
            hovertemplate=f"%{{customdata}}, {split}: %{{x:.1%}}<extra></extra>",
        )
    figure.update_xaxes(tickformat=".0%", showgrid=False)
    figure.update_yaxes(axis_of("", [label(title) for title in titles], downwards=True))
    return with_legend(frame(figure, 90 + 42 * len(titles)))


def side_by_side_table(titles: Sequence[str], splits: Sequence[str], accuracy: Floats, missing: Sequence[int]) -> Table:
    """The twin of `side_by_side`."""
    return {**matrix_table(accuracy, titles, splits, "scenario"), "edits without effect": list(missing)}
