"""The same attack on the same image after every task: how far attention moved, and whether the answer held."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go

from engine.figures.forgetting import time_axes
from engine.figures.look import DROP, ORDINARY, QUIET, certainty, frame, plain, with_legend
from engine.figures.tables import Table, cell
from engine.metrics.attention_shift import NAMES

MOVED = "#9a5fb5"
"""What was changed by hand or by an attack: purple, as on the pages where people intervene."""
HEIGHT = 250
_MARGIN = 0.08  # of an axis, beyond the outermost values


@dataclass(frozen=True, slots=True)
class After:
    """The attack on the model after a task.

    Attributes:
        task: from 0.
        before, after: the answers.
        before_sure, after_sure: their probabilities.
        clean, attacked: margin of the attacked class.
        shift: the five measures of `engine.metrics.attention_shift`, or None where there is no map.
        won: whether the attacker got what it wanted.
    """

    task: int
    before: str
    after: str
    before_sure: float
    after_sure: float
    clean: float
    attacked: float
    shift: Sequence[float] | None
    won: bool


def moved_line(found: Sequence[After], moment: int, tasks: int) -> go.Figure:
    """Displacement of attention in patches after each task; a ring where the attacker got what it wanted.

    Args:
        moment: the task after which the reader looks; marked by a thin line.
        tasks: how many the run has.
    """
    drawn = [one for one in found if one.shift is not None]
    moved = [one.shift[NAMES.index("displacement")] for one in drawn if one.shift is not None]
    figure = _figure(moment)
    figure.add_scatter(
        x=[one.task + 1 for one in drawn],
        y=moved,
        mode="lines+markers",
        line={"color": MOVED, "width": 2},
        marker={"size": 11, "color": MOVED, "symbol": ["circle-open" if one.won else "circle" for one in drawn]},
        text=[_words(one) for one in drawn],
        hovertemplate="%{y:.2f} patches<br>%{text}<extra></extra>",
    )
    time_axes(figure, tasks)
    figure.update_yaxes(title="attention moved (patches)", tickformat="", dtick=None, range=_room(moved, 1.0))
    return frame(figure, HEIGHT)


def margin_lines(found: Sequence[After], moment: int, tasks: int, label: str) -> go.Figure:
    """Margin of the attacked class after each task, clean (blue, full) and attacked (vermilion, dashed); below 0 the
    answer is another one.

    Args:
        label: the class, or what stands for it where it changes from task to task.
    """
    figure = _figure(moment)
    figure.add_hline(y=0, line_width=1, line_color=QUIET)
    for name, colour, dash, values in (
        ("clean", ORDINARY, "solid", [one.clean for one in found]),
        ("attacked", DROP, "dash", [one.attacked for one in found]),
    ):
        figure.add_scatter(
            x=[one.task + 1 for one in found],
            y=values,
            name=name,
            mode="lines+markers",
            line={"color": colour, "width": 2, "dash": dash},
            marker={"size": 9, "color": colour},
            text=[_words(one) for one in found],
            hovertemplate=f"{name}: margin %{{y:.2f}}<br>%{{text}}<extra></extra>",
        )
    time_axes(figure, tasks)
    every = [0.0, *(one.clean for one in found), *(one.attacked for one in found)]
    figure.update_yaxes(title=f"lead of {plain(label)} (logits)", tickformat="", dtick=None, range=_room(every))
    return with_legend(frame(figure, HEIGHT), 1.0, margin_t=30)


def tasks_headline(found: Sequence[After]) -> str:
    """What became of the attack over the tasks."""
    if not found:
        return "No task has learnt this class yet"
    won = sum(one.won for one in found)
    after = f"after {won} of {len(found)} tasks" if len(found) > 1 else "after its first task"
    told = f"The same attack gets what it wants {after}" if won else "The same attack fails after every task"
    moved = [one.shift[NAMES.index("displacement")] for one in found if one.shift is not None]
    if len(moved) < 2:
        return told
    first, last = (f"{amount:.1f} patches" for amount in (moved[0], moved[-1]))
    if first == last:
        return f"{told}; attention moved {first}, after the first task as after the last"
    return f"{told}; attention moved {first} after the first, {moved[-1]:.1f} after the last"


def tasks_table(found: Sequence[After]) -> Table:
    """The twin of both figures."""
    table: Table = {
        "after task": [one.task + 1 for one in found],
        "taken for": [one.before for one in found],
        "probability": [cell(one.before_sure) for one in found],
        "attacked, taken for": [one.after for one in found],
        "probability attacked": [cell(one.after_sure) for one in found],
        "attacker got it": ["yes" if one.won else "no" for one in found],
        "margin clean": [cell(one.clean) for one in found],
        "margin attacked": [cell(one.attacked) for one in found],
    }
    for i, name in enumerate(NAMES):
        table[f"shift {name}"] = [None if one.shift is None else cell(one.shift[i]) for one in found]
    return table


def _figure(moment: int) -> go.Figure:
    figure = go.Figure()
    figure.add_vline(x=moment + 1, line_width=1, line_dash="dot", line_color=QUIET)
    return figure


def _room(values: Sequence[float], least: float = 0.0) -> list[float]:
    """The axis that shows all values and 0, with a margin; at least `least` high."""
    low, high = min(0.0, *values), max(least, *values)
    return [low - _MARGIN * (high - low), high + _MARGIN * (high - low)]


def _words(one: After) -> str:
    return (
        f"after task {one.task + 1}: {plain(one.before)} ({certainty(one.before_sure)})<br>"
        f"attacked: {plain(one.after)} ({certainty(one.after_sure)})"
    )
