"""How well a membership test tells forgotten pictures from new ones, by model."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from engine.array_types import Floats
from engine.figures.look import DROP, ORDINARY, QUIET, frame, plain, whiskers
from engine.figures.matrix import axis_of
from engine.figures.tables import Table, cell

_ROW = 54
CHANCE = 0.5


def membership_rows(names: Sequence[str], auc: Floats, low: Floats, high: Floats) -> go.Figure:
    """A mark for each model with its interval, and a line at chance. Where the interval leaves it out, it is a loss.

    Args:
        auc, low, high: 0..1, [M].
    """
    rows = list(range(len(names)))
    figure = go.Figure()
    figure.add_vline(x=CHANCE, line_width=2, line_dash="dot", line_color=QUIET)
    figure.add_scatter(
        x=auc,
        y=rows,
        mode="markers",
        marker={"size": 16, "color": [DROP if each > CHANCE else ORDINARY for each in low]},
        error_x=whiskers(auc, low, high, thickness=3, width=8, color=QUIET),
        hovertext=[
            f"{plain(name)}: {a:.2f} ({b:.2f} to {c:.2f})" for name, a, b, c in zip(names, auc, low, high, strict=True)
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    for row, (name_low, value) in enumerate(zip(low, auc, strict=True)):
        text = {"x": float(name_low), "y": row, "text": f"<b>{value:.2f}</b>", "showarrow": False}
        figure.add_annotation(xanchor="right", xshift=-10, **text)
    figure.update_yaxes(axis_of("", [plain(name) for name in names], downwards=True))
    figure.update_xaxes(title="told apart by how sure it is (AUC); 0.5 is chance", range=[-0.06, 1.03], dtick=0.25)
    return frame(figure, 70 + _ROW * len(names))


def unlearning_table(
    names: Sequence[str], membership: tuple[Floats, Floats, Floats], splits: Sequence[str], kept: Floats
) -> Table:
    """The twin, with accuracy on what is kept.

    Args:
        membership: AUC and the ends of its interval, [M] each.
        kept: accuracy by split and model, [S, M].
    """
    table: Table = {"model": list(names)}
    for title, values in zip(("membership test, AUC", "from", "to"), membership, strict=True):
        table[title] = [cell(value) for value in values]
    for split, values in zip(splits, kept, strict=True):
        table[f"right on what is kept, {split}"] = [cell(value) for value in values]
    return table
