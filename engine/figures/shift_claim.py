"""Whether attention that moved goes with mistakes, and whether it says more of them than the clean margin."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go

from engine.figures.look import MINUS, ORDINARY, QUIET, frame, percent, whiskers
from engine.figures.robustness import ATTACKED
from engine.figures.tables import Table, cell
from engine.metrics.robustness import Association
from engine.metrics.shift_baseline import Baseline

_CHANCE = 0.5
_LONG_AGO = "It was measured before clean margins were kept; measure again to see what they say alone"


class _ShareRow(NamedTuple):
    name: str
    share: float
    low: float
    high: float
    colour: str


def claim(found: Association, beyond: Baseline | None) -> tuple[str, str]:
    """Whether attention that moves goes with answers that fall, as a headline and a sentence with its uncertainty.

    Args:
        beyond: the clean margin's own word, or None where it was not kept.
    """
    if not np.isfinite(found.auc):
        return "Whether moved attention goes with mistakes cannot be said", f"{_first(found.why or 'too few images')}."
    numbers = (
        f"Of a fooled image and one that held, the fooled one's attention moved further {percent(found.auc)} of the "
        f"time (95 % interval {percent(found.low)} to {percent(found.high)}; chance is 50 %). {_beside(beyond)} "
        f"Correlation {_signed(found.r)} ({_signed(found.r_low)} to {_signed(found.r_high)}), {found.fooled} of "
        f"{found.count} images fooled."
    )
    return _headline(found, beyond), numbers


def _headline(found: Association, beyond: Baseline | None) -> str:
    if found.high < _CHANCE:
        return "The paper's claim does not hold here: images that held were moved further"
    if found.low <= _CHANCE:
        return "The paper's claim cannot be confirmed here: fooled or not, attention moved alike"
    if beyond is None:
        return "Where attention moves, answers fall; whether the clean margin says as much was not measured"
    if beyond.adds:
        return "The paper's claim holds here: where attention moves, answers fall, also at equal clean margins"
    return "Where attention moves, answers fall, but it says nothing that the clean margin does not"


def _beside(beyond: Baseline | None) -> str:
    if beyond is None:
        return f"{_LONG_AGO}."
    return (
        f"The clean margin alone: the fooled one had less of it {percent(beyond.margin)} of the time "
        f"({percent(beyond.margin_low)} to {percent(beyond.margin_high)}). With the margin taken out, the shift is "
        f"left with {percent(beyond.adjusted)} ({percent(beyond.adjusted_low)} to {percent(beyond.adjusted_high)})."
    )


def baseline_words(found: Association, beyond: Baseline) -> str:
    """Which of the two tells better who is fooled."""
    shift, margin = percent(found.auc), percent(beyond.margin)
    if beyond.margin > found.auc:
        return f"The clean margin alone tells who is fooled better: {margin} of pairs against {shift}"
    return f"Attention tells who is fooled at least as well as the clean margin: {shift} of pairs against {margin}"


def baseline_points(found: Association, beyond: Baseline, height: int = 230) -> go.Figure:
    """Share of pairs in which the fooled image stands out, by three signs, with 95 % intervals and chance."""
    figure = go.Figure()
    for row in _rows(found, beyond):
        figure.add_scatter(
            x=[row.share],
            y=[row.name],
            mode="markers",
            marker={"size": 11, "color": row.colour},
            error_x=whiskers([row.share], [row.low], [row.high], color=row.colour, thickness=2, width=5),
            hovertext=f"{row.name}: {percent(row.share)} ({percent(row.low)} to {percent(row.high)})",
            hovertemplate="%{hovertext}<extra></extra>",
        )
    figure.add_vline(x=_CHANCE, line={"color": QUIET, "width": 1.5, "dash": "dot"})
    figure.update_xaxes(
        title="pairs in which it tells the fooled image (dotted: chance)", tickformat=".0%", range=[0, 1.02], dtick=0.25
    )
    figure.update_yaxes(autorange="reversed", showgrid=False, automargin=True)
    return frame(figure, height)


def baseline_table(found: Association, beyond: Baseline) -> Table:
    """The twin of `baseline_points`."""
    rows = _rows(found, beyond)
    return {
        "sign": [row.name for row in rows],
        "share of pairs": [cell(row.share) for row in rows],
        "low": [cell(row.low) for row in rows],
        "high": [cell(row.high) for row in rows],
    }


def _rows(found: Association, beyond: Baseline) -> tuple[_ShareRow, ...]:
    return (
        _ShareRow("attention moved further", found.auc, found.low, found.high, ATTACKED),
        _ShareRow("smaller clean margin", beyond.margin, beyond.margin_low, beyond.margin_high, ORDINARY),
        _ShareRow("attention, margin taken out", beyond.adjusted, beyond.adjusted_low, beyond.adjusted_high, ATTACKED),
    )


def _first(text: str) -> str:
    return text[:1].upper() + text[1:]


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", MINUS) if np.isfinite(value) else "not known"
