"""Accuracy under attack: against the strength of the attack with intervals, and put into words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats, Ints
from engine.figures.look import DROP, NEW, OLD, QUIET, add_band, add_line, frame, whiskers, with_legend
from engine.figures.tables import Table, cell
from engine.metrics.robustness import wilson

ATTACKED = DROP
"""What is measured under attack; what is clean is blue wherever the two stand together."""
BAND = "rgba(213,94,0,0.16)"
"""The interval around what is measured under attack."""
_HALF = 0.5
_HUNDRED = 100


@dataclass(frozen=True, slots=True)
class Fall:
    """Right answers at each strength, by task; clean first.

    Attributes:
        strengths: 255ths, [S]; 0 is clean.
        right: [S, K], right answers on the images of each task learnt so far.
        count: [K], images of each task.
    """

    strengths: Floats
    right: Ints
    count: Ints

    @property
    def accuracy(self) -> Floats:
        """Over all images, [S]; NaN without any."""
        return np.asarray(self.right.sum(1) / (self.count.sum() or np.nan), np.float64)

    @property
    def by_task(self) -> Floats:
        """[S, K]; NaN for a task without images."""
        return np.asarray(self.right / np.where(self.count > 0, self.count, np.nan), np.float64)


def strength(value: float) -> str:
    """A strength as people write it: `4/255`, or `clean` for 0."""
    return f"{value:g}/255" if value else "clean"


def telling(fall: Fall) -> int:
    """The strength worth looking at first, an index of `strengths` from 1: where half of the right answers are gone,
    else the strongest."""
    gone = fall.accuracy[1:] <= _HALF * fall.accuracy[0]
    return 1 + int(gone.argmax()) if gone.any() else len(fall.strengths) - 1


def headline(fall: Fall, at: int) -> str:
    """What an attack of one strength does, in one sentence."""
    wrong = round(_HUNDRED * (1 - float(fall.accuracy[at])))
    value = float(fall.strengths[at])
    answers = "no answer is" if not wrong else f"{wrong} of {_HUNDRED} answers {'is' if wrong == 1 else 'are'}"
    return f"At {strength(value)}, {answers} wrong"


def half_words(fall: Fall) -> str:
    """At which strength half of the right answers are gone."""
    gone = fall.accuracy[1:] <= _HALF * fall.accuracy[0]
    if not gone.any():
        return f"More than half of the right answers survive {strength(float(fall.strengths[-1]))}"
    at = 1 + int(gone.argmax())
    return f"Half of the right answers are gone at {strength(float(fall.strengths[at]))}"


def fall_curves(fall: Fall, at: int, height: int = 380) -> go.Figure:
    """Accuracy against strength: all images thick with a band, the first and the newest task with whiskers, the other
    tasks thin; the strength at `at` is marked."""
    figure = go.Figure()
    places = list(range(len(fall.strengths)))  # even steps: strengths double, and all of them matter alike
    low, high = wilson(fall.right.sum(1), int(fall.count.sum()))
    add_band(figure, np.array(places), low, high, BAND, name="interval")
    tasks = [k for k in range(len(fall.count)) if fall.count[k]]
    for k in tasks:
        ends = len(tasks) > 1 and k in (tasks[0], tasks[-1])
        _task(figure, places, fall, k, (OLD if k == tasks[0] else NEW) if ends else None)
    hover = "all images: %{y:.1%}"
    add_line(figure, places, fall.accuracy, "all images", ATTACKED, hover, marker_size=8, line_width=3.5)
    figure.add_vline(x=at, line_width=1, line_dash="dot", line_color=QUIET)
    strength_axes(figure, fall.strengths)
    return with_legend(frame(figure, height), fixed=True, margin_t=40)


def fall_table(fall: Fall, names: Sequence[str]) -> Table:
    """The twin of `fall_curves`: one row a strength and task, with its 95 % Wilson interval; last all together."""
    rows: Table = {key: [] for key in ("strength", "images of", "images", "right", "accuracy", "low", "high")}
    right = np.column_stack([fall.right, fall.right.sum(1)])
    count = np.append(fall.count, fall.count.sum())
    low, high = wilson(right, np.broadcast_to(count, right.shape))
    for s, value in enumerate(fall.strengths):
        for k, name in enumerate([*names, "all tasks"]):
            rows["strength"].append(strength(float(value)))
            rows["images of"].append(name)
            rows["images"].append(int(count[k]))
            rows["right"].append(int(right[s, k]))
            rows["accuracy"].append(cell(right[s, k] / count[k] if count[k] else np.nan))
            rows["low"].append(cell(low[s, k]))
            rows["high"].append(cell(high[s, k]))
    return rows


def strength_axes(figure: go.Figure, strengths: Floats, title: str = "accuracy") -> None:
    """Axes of accuracy, 0..1, against strengths in even steps."""
    figure.update_xaxes(
        title="strength of the attack, of 255",
        tickmode="array",
        tickvals=list(range(len(strengths))),
        ticktext=[f"{value:g}" if value else "clean" for value in strengths],
        range=[-0.25, len(strengths) - 0.75],
        showgrid=False,
    )
    figure.update_yaxes(title=title, tickformat=".0%", range=[0, 1.02], dtick=0.25)


def _task(figure: go.Figure, places: list[int], fall: Fall, task: int, colour: str | None) -> None:
    """One task's line; `colour` makes it stand out, with whiskers."""
    shares = fall.by_task[:, task]
    ends = wilson(fall.right[:, task], int(fall.count[task]))
    dash = "dash" if colour == OLD else "solid"
    figure.add_scatter(
        x=places,
        y=shares,
        mode="lines+markers",
        name=f"task {task + 1}",
        showlegend=colour is not None,
        opacity=1.0 if colour else 0.5,
        line={"color": colour or QUIET, "width": 2 if colour else 1, "dash": dash},
        marker={"size": 6 if colour else 3},
        error_y=whiskers(shares, *ends, thickness=1, width=3) if colour else None,
        hovertemplate=f"task {task + 1}: %{{y:.1%}}<extra></extra>",
    )
