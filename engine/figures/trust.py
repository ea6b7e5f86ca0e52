"""What accuracy is left where it matters: one row a condition, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

import plotly.graph_objects as go

from engine.figures.look import DROP, ORDINARY, QUIET, frame, percent, plain, whiskers
from engine.figures.matrix import axis_of
from engine.figures.tables import Table, cell
from engine.metrics.robustness import wilson

_LONGEST = 26
"""Letters in a line of a name."""
_ROW = 84
"""Pixels a row takes."""


@dataclass(frozen=True, slots=True)
class Share:
    """How many of some pictures are right under a condition.

    Attributes:
        name: of the condition.
        right, count: pictures.
    """

    name: str
    right: int
    count: int

    @property
    def value(self) -> float:
        """The share, 0..1."""
        return self.right / self.count

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval of it (Wilson 1927)."""
        low, high = wilson(self.right, self.count)
        return float(low), float(high)


def share_rows(shares: Sequence[Share]) -> go.Figure:
    """A dot for each share with its interval, and a line to where the first one stands."""
    rows, first = list(range(len(shares))), shares[0].value
    figure = go.Figure()
    figure.add_vline(x=first, line_width=2, line_dash="dot", line_color=QUIET)
    figure.add_scatter(
        x=[each.value for each in shares],
        y=rows,
        mode="markers",
        marker={"size": 18, "color": [ORDINARY if each.value >= first else DROP for each in shares]},
        error_x=whiskers(
            [each.value for each in shares],
            *zip(*(each.interval for each in shares), strict=True),
            thickness=4,
            width=9,
            color=QUIET,
        ),
        hovertext=[_words(each) for each in shares],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    for row, each in enumerate(shares):
        left = each.value > 0.5
        place = {"x": each.interval[0] if left else each.interval[1], "y": row, "showarrow": False}
        text = f"<b>{percent(each.value)}</b>"
        figure.add_annotation(text=text, xanchor="right" if left else "left", xshift=-14 if left else 14, **place)
    names = ["<br>".join(wrap(plain(each.name), _LONGEST)) for each in shares]
    figure.update_yaxes(axis_of("", names, downwards=True))
    figure.update_xaxes(title="share of pictures right", tickformat=".0%", range=[-0.03, 1.03], dtick=0.25)
    return frame(figure, 70 + _ROW * len(shares))


def share_table(shares: Sequence[Share]) -> Table:
    """The twin."""
    return {
        "condition": [each.name for each in shares],
        "right": [cell(each.value) for each in shares],
        "from": [cell(each.interval[0]) for each in shares],
        "to": [cell(each.interval[1]) for each in shares],
        "pictures": [each.count for each in shares],
    }


def _words(each: Share) -> str:
    low, high = each.interval
    return f"{plain(each.name)}: {each.right} of {each.count} right, 95 % interval {percent(low)} to {percent(high)}"
