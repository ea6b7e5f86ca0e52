"""What random words reach in the place of concepts: the comparison as numbers, as a sentence, and over the tasks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import plotly.graph_objects as go

from engine.array_types import Floats
from engine.figures.look import MINUS, ORDINARY, QUIET, add_band, add_line, frame, with_legend
from engine.figures.tables import Table, cell

MEASURES = ("Accuracy", "Accuracy with 5 concepts a class", "Concept accuracy")
"""Rows of the comparison, in the order of the analysis's arrays."""
ACCURACY, AT_FIVE, CONCEPTS = range(3)
RANDOM = QUIET
CONTROLS: Mapping[str, str] = {
    "control": "random words",
    "vectors": "random vectors",
    "elsewhere": "words of other fields",
}
"""Kinds of controls, as the analysis's arrays name them, on screen; the first is the one that verdicts are about."""
_DASHES = {"control": "dash", "vectors": "dot", "elsewhere": "dashdot"}
_SAME = 0.0005
"""Differences below a twentieth of a point are none."""


@dataclass(frozen=True, slots=True)
class Compared:
    """One measure of the run and of its R controls.

    Attributes:
        own, controls: 0..1; NaN where unknown.
        gap: ends of the 95 % interval of `gain` over test images, each compared with itself; None for a measure that
            counts no images, and where an older answer does not say.
    """

    own: float
    controls: Floats
    gap: tuple[float, float] | None = None

    @property
    def mean(self) -> float:
        """Of the controls."""
        return float(self.controls.mean())

    @property
    def gain(self) -> float:
        """What concepts add to random words on average; negative where they cost."""
        return self.own - self.mean

    @property
    def is_known(self) -> bool:
        """Whether both sides were measured."""
        return bool(np.isfinite(self.own) and len(self.controls) and np.isfinite(self.controls).all())

    @property
    def is_outside(self) -> bool:
        """Whether the run lies outside of the controls' own range, and by more than nothing."""
        outside = self.own > self.controls.max() or self.own < self.controls.min()
        return bool(outside and abs(self.gain) >= _SAME)

    @property
    def is_beyond(self) -> bool:
        """Whether it does, and by more than the choice of test images would make by chance, where that is known."""
        return self.is_outside and (self.gap is None or self.gap[0] > 0 or self.gap[1] < 0)


def compared(
    result: Mapping[str, npt.NDArray[Any]], measure: int, split: str, moment: int, kind: str = "control"
) -> Compared:
    """One measure after a task, from the arrays of the analysis `random_words`.

    Args:
        kind: one of `present(result)`.
    """
    s = result["splits"].tolist().index(split)
    gap = None
    if kind == "control" and "gain" in result and measure < len(result["gain"]):
        _, low, high = result["gain"][measure, s, moment].tolist()
        gap = low, high
    return Compared(float(result["run"][measure, s, moment]), result[kind][measure, :, s, moment], gap)


def present(result: Mapping[str, npt.NDArray[Any]]) -> tuple[str, ...]:
    """The kinds of controls that were trained: an older answer has words only, a closed vocabulary knows no others."""
    return tuple(kind for kind in CONTROLS if kind in result and result[kind].shape[1])


def verdict(accuracy: Compared) -> str:
    """The finding in one sentence, whichever it is."""
    random = f"{100 * accuracy.mean:.1f} %"
    if not accuracy.is_known:
        return "Random words could not be compared"
    if not accuracy.is_outside:
        return f"Random words reach {random}: in accuracy these concepts buy nothing"
    if accuracy.gap is None:
        own = f"{100 * accuracy.own:.1f} %"
        return f"Random words reach {random}, these concepts {own}; this older answer cannot tell that from chance"
    if not accuracy.is_beyond:
        return f"Random words reach {random}: no difference that the test images can show"
    if accuracy.gain > 0:
        return f"Random words reach {random}; the concepts buy {_points(accuracy.gain)}"
    return f"Random words reach {random}: these concepts cost {_points(-accuracy.gain)}"


def gain_in_words(found: Compared) -> str:
    """`+0.3 points`, `no difference beyond chance`, or `not known`."""
    if not found.is_known:
        return "not known"
    number = f"{abs(100 * found.gain):.1f}"
    sign = "+" if found.gain > 0 else MINUS
    if not float(number):
        return "no difference"
    return f"{sign}{number} point{'' if number == '1.0' else 's'}" + ("" if found.is_beyond else ", within chance")


def gap_in_words(gap: tuple[float, float]) -> str:
    """`−1.2 to 3.4 points`."""
    low, high = (f"{100 * end:.1f}".replace("-", MINUS) for end in gap)
    return f"{low} to {high} points"


def percents(values: Floats) -> str:
    """The controls' mean with their range: `90.4 % (90.1 to 90.7)`."""
    if not np.isfinite(values).all():
        return "not known"
    low, high = (f"{100 * v:.1f}" for v in (values.min(), values.max()))
    spread = f" ({low} to {high})" if low != high else ""
    return f"{100 * values.mean():.1f} %{spread}"


def control_lines(
    result: Mapping[str, npt.NDArray[Any]], measure: int, split: str, moment: int, height: int = 230
) -> go.Figure:
    """One measure over the tasks up to `moment`: the run, the band of random words, and the means of all controls."""
    s = result["splits"].tolist().index(split)
    own, controls = result["run"][measure, s, : moment + 1], result["control"][measure, :, s, : moment + 1]
    tasks = np.arange(1, moment + 2)
    figure = go.Figure()
    add_band(figure, tasks, controls.min(0), controls.max(0), "rgba(140,135,123,0.28)")
    means = [(kind, result[kind][measure, :, s, : moment + 1].mean(0)) for kind in present(result)]
    for name, values, colour, dash in (
        *((CONTROLS[kind], mean, RANDOM, _DASHES[kind]) for kind, mean in means),
        ("these concepts", own, ORDINARY, "solid"),
    ):
        hover = f"after task %{{x}}, {name}: %{{y:.1%}}"
        add_line(figure, tasks, values, name, colour, hover, dash, marker_size=6)
    figure.update_xaxes(title="after task", dtick=1, range=[0.7, moment + 1.3], showgrid=False)
    figure.update_yaxes(tickformat=".0%", range=[0, 1.04], dtick=0.25)
    return with_legend(frame(figure, height))


def control_table(result: Mapping[str, npt.NDArray[Any]], moment: int) -> Table:
    """Every number of the comparison: one row a measure, split and task."""
    rows = [
        (
            *(MEASURES[m], split, t + 1, cell(result["run"][m, s, t])),
            *(cell(value) for kind in present(result) for value in result[kind][m, :, s, t]),
        )
        for m in range(len(MEASURES))
        for s, split in enumerate(result["splits"].tolist())
        for t in range(moment + 1)
    ]
    controls = [f"{CONTROLS[kind]} {r + 1}" for kind in present(result) for r in range(result[kind].shape[1])]
    headings = ("measure", "test images", "after task", "these concepts", *controls)
    return {heading: [row[i] for row in rows] for i, heading in enumerate(headings)}


def _points(value: float) -> str:
    number = f"{100 * value:.1f}"
    return f"{number} point{'' if number == '1.0' else 's'}"
