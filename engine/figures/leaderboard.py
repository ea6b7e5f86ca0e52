"""The leaderboard of an experiment, as a table."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.array_types import Floats
from engine.experiments.board import AxisEffect, SettingResult, differences, ranked, worded
from engine.experiments.experiment import Experiment
from engine.figures.tables import Cell, Table, cell

LAST, VALIDATION, AVERAGE, FORGETTING = "last, %", "validation, %", "average, %", "forgetting, points"
_NUMBERS = (("last_accuracy", LAST), ("average_accuracy", AVERAGE), ("forgetting", FORGETTING))
_GAP = ("minus baseline", "from", "to", "p (Holm)")
_SPREAD = "± "


def leaderboard(
    experiment: Experiment, found: Sequence[SettingResult], baseline: SettingResult | None, split: str = "test"
) -> Table:
    """A row a setting, the most accurate first: its values, means and spreads, and its distance from the baseline.

    The distance is of last accuracy in points; 95 % intervals hold for all settings together.
    """
    gaps = differences(found, baseline, split) if baseline else {}
    rows: list[dict[str, Cell]] = []
    for one in ranked(found, split):
        pairs = zip(experiment.varied, one.setting, strict=True)
        row: dict[str, Cell] = {axis.title: worded(axis, value) for axis, value in pairs}
        row |= {"runs": one.finished, "of": len(one.states)}
        row |= _mean(VALIDATION, one.validation)
        for name, head in _NUMBERS:
            row |= _mean(head, one.measured(name, split))
        gap = gaps.get(one.setting)
        last = gap.gaps["last_accuracy"] if gap else None
        values = (last.gap.value, last.gap.low, last.gap.high) if last else (np.nan,) * 3
        row |= {head: cell(100 * value, 1) for head, value in zip(_GAP[:3], values, strict=True)}
        row |= {_GAP[3]: cell(gap.p) if gap else None, "seconds": cell(_over(one.seconds), 1)}
        rows.append(row)
    return {name: [row[name] for row in rows] for name in rows[0]} if rows else {}


def effects_table(told: Sequence[AxisEffect]) -> Table:
    """A row a value of each axis."""
    return {
        "axis": [one.axis for one in told],
        "value": [one.value for one in told],
        "validation, %": [cell(100 * one.validation, 1) for one in told],
        "test, %": [cell(100 * one.test, 1) for one in told],
        "settings": [one.settings for one in told],
    }


def effects_headline(told: Sequence[AxisEffect]) -> str:
    """Which axis makes most of a difference on validation images."""
    spans: dict[str, list[float]] = {}
    for one in told:
        spans.setdefault(one.axis, []).append(one.validation)
    widest = max(spans, key=lambda axis: max(spans[axis]) - min(spans[axis]))
    apart = 100 * (max(spans[widest]) - min(spans[widest]))
    return f"{widest} makes most of a difference: {apart:.1f} points on validation images between its values"


def _mean(head: str, values: Floats) -> dict[str, Cell]:
    return {
        head: cell(100 * _over(values), 1),
        _SPREAD + head.split(",")[0]: cell(100 * float(np.std(values, ddof=1)), 1) if len(values) > 1 else None,
    }


def _over(values: Floats) -> float:
    return float(np.mean(values)) if len(values) else float("nan")
