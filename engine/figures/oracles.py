"""What answering everything gains, by who answers: one row a person, one mark a split and kind of levels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats
from engine.figures.look import MOVED, ORDINARY, QUIET, frame, plain, whiskers, with_legend
from engine.figures.matrix import axis_of
from engine.figures.scenario import tenths
from engine.figures.tables import Table, cell

_LOOKS = ((ORDINARY, "circle"), (MOVED, "diamond"))
"""Colour and symbol of each split."""
_ROW = 62
"""Pixels a person takes."""
_APART = 0.17
"""How far the marks of one person stand apart, in rows."""
_NAMES = 230
"""Pixels kept for the people."""


@dataclass(frozen=True, slots=True)
class OracleMarks:
    """The gains of P people on one split with levels of one kind.

    Attributes:
        name: of split and levels.
        split: number of the split.
        filled: whether levels take nothing that a learner without stored images lacks.
        before: accuracy without an answer.
        after: accuracy with all answers, [P].
        low, high: ends of the 95 % interval of the gain, [P].
    """

    name: str
    split: int
    filled: bool
    before: float
    after: Floats
    low: Floats
    high: Floats

    @property
    def gain(self) -> Floats:
        """[P], -1..1."""
        return self.after - self.before


def oracle_marks(people: Sequence[str], marks: Sequence[OracleMarks]) -> go.Figure:
    """Gains in points with their intervals around a line at zero."""
    figure = go.Figure()
    figure.add_vline(x=0, line_width=1, line_color=QUIET)
    for number, one in enumerate(marks):
        colour, symbol = _LOOKS[one.split % len(_LOOKS)]
        shift = (number - (len(marks) - 1) / 2) * _APART
        gain = 100 * one.gain
        figure.add_scatter(
            x=gain,
            y=np.arange(len(people)) + shift,
            mode="markers",
            name=plain(one.name),
            marker={
                "size": 10,
                "color": colour,
                "symbol": symbol if one.filled else f"{symbol}-open",
                "line": {"width": 2, "color": colour},
            },
            error_x=whiskers(gain, 100 * one.low, 100 * one.high, thickness=1.5, width=4),
            text=[tenths(float(value)) for value in one.gain],
            customdata=[plain(name) for name in people],
            hovertemplate=f"%{{customdata}}; {plain(one.name)}: %{{text}} points<extra></extra>",
        )
    figure.update_xaxes(title="points of accuracy, all answered")
    figure.update_yaxes(axis_of("", [plain(name).replace(", ", ",<br>", 1) for name in people], downwards=True))
    framed = frame(figure, 110 + _ROW * len(people))
    return with_legend(framed, 1.01, fixed=True, margin_l=_NAMES, margin_t=64)


def oracle_table(people: Sequence[str], assumed: Sequence[str], marks: Sequence[OracleMarks]) -> Table:
    """The twin of `oracle_marks`: one row a person, split and kind of levels, with what is assumed.

    Args:
        assumed: what is assumed of each person, [P].
    """
    rows = [(p, one) for p in range(len(people)) for one in marks]
    return {
        "who answers": [people[p] for p, _ in rows],
        "images and levels": [one.name for _, one in rows],
        "before": [cell(one.before) for _, one in rows],
        "all answered": [cell(one.after[p]) for p, one in rows],
        "gain": [cell(one.gain[p]) for p, one in rows],
        "low": [cell(one.low[p]) for p, one in rows],
        "high": [cell(one.high[p]) for p, one in rows],
        "assumes": [assumed[p] for p, _ in rows],
    }
