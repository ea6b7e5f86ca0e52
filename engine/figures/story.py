"""One image through the tasks: how probable its true class was, where the prediction turned, and what turned it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from engine.explain.story import Moment, Tip
from engine.explain.wording import signed
from engine.figures.forgetting import time_axes
from engine.figures.look import DROP, ORDINARY, QUIET, certainty, frame, plain
from engine.figures.tables import Table, cell

RIGHT, WRONG = ORDINARY, DROP
"""A right prediction is a blue dot, a wrong one an orange cross: shape as well as colour."""
HEIGHT = 400


def story_line(moments: Sequence[Moment], names: Sequence[str], moment: int, tasks: int) -> go.Figure:
    """Probability of the true class after each task, a dot where it won and a cross where it did not.

    Without a true class: probability of the predicted class, with a diamond where the prediction changed. Points of the
    last trace are the tasks from the first one drawn, so that a click means its moment.

    Args:
        names: of all classes, by dataset index.
        moment: the task after which the reader looks; marked by a thin line.
        tasks: how many tasks the run has.
    """
    known = [m for m in moments if m.known]
    drawn, values = (known, [m.probability for m in known]) if known else (moments, [m.confidence for m in moments])
    figure = go.Figure()
    figure.add_vline(x=moment + 1, line_width=1, line_dash="dot", line_color=QUIET)
    figure.add_scatter(
        x=[m.task + 1 for m in drawn],
        y=values,
        mode="lines+markers",
        line={"color": QUIET, "width": 2},
        marker={
            "size": 12,
            "symbol": [_symbol(m) for m in drawn],
            "color": [_colour(m) for m in drawn],
            "opacity": 1,
        },
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        text=[_words(m, names) for m in drawn],
        hovertemplate="%{text}<extra></extra>",
    )
    time_axes(figure, tasks)
    figure.update_yaxes(title=f"probability of {'its class' if known else 'the prediction'}", range=[-0.06, 1.09])
    return frame(figure, HEIGHT)


def story_table(moments: Sequence[Moment], names: Sequence[str]) -> Table:
    """The twin: one row a task."""
    return {
        "after task": [m.task + 1 for m in moments],
        "taken for": [names[m.predicted] for m in moments],
        "probability": [cell(m.confidence) for m in moments],
        "right": ["" if not m.known else "yes" if m.right else "no" for m in moments],
        "probability of its class": [cell(m.probability) for m in moments],
        "margin": [cell(m.margin) for m in moments],
        "what tipped it": [tip_words(m.tip, names) if m.tip else "" for m in moments],
    }


def story_headline(moments: Sequence[Moment], names: Sequence[str]) -> str:
    """The finding in words."""
    known = [m for m in moments if m.known]
    if not known:
        turns = sum(m.tip is not None for m in moments)
        last = names[moments[-1].predicted]
        return f"Taken for {last} all along" if not turns else f"The answer changed {_times(turns)}"
    right = [m.right for m in known]
    if len(known) == 1:
        return "Right in its first task" if right[0] else "Not recognised in its first task"
    if all(right):
        return "Never forgotten"
    if not any(right):
        return "Never recognised"
    if right[-1]:
        return f"Recognised since task {_since(known) + 1}"
    lost = next(a.task for b, a in zip(reversed(known[:-1]), reversed(known[1:]), strict=True) if b.right)
    return f"Lost after task {lost + 1}"


def tip_words(tip: Tip, names: Sequence[str]) -> str:
    """What turned a prediction, plain text: escape it."""
    new = "new concept " if tip.new_concept else ""
    if tip.arrived:
        return f"{names[tip.to_class]} arrived; most in its favour: {new}{tip.text} {signed(tip.rise)}"
    return f"{new}{tip.text} {signed(tip.rise)} for {names[tip.to_class]} over {names[tip.from_class]}"


def _since(known: Sequence[Moment]) -> int:
    """The task since which it has been right without a break."""
    since = known[-1].task
    for m in reversed(known):
        if not m.right:
            break
        since = m.task
    return since


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{count} times"


def _symbol(m: Moment) -> str:
    if m.known:
        return "circle" if m.right else "x"
    return "diamond" if m.tip else "circle"


def _colour(m: Moment) -> str:
    return (RIGHT if m.right else WRONG) if m.known else ORDINARY


def _words(m: Moment, names: Sequence[str]) -> str:
    text = f"after task {m.task + 1}: {plain(names[m.predicted])} ({certainty(m.confidence)})"
    if m.known and not m.right:
        text += f"<br>its class: {certainty(m.probability)}"
    if np.isfinite(m.margin):
        text += f"<br>margin {signed(m.margin, 2)}"
    return text + (f"<br>{plain(tip_words(m.tip, names))}" if m.tip else "")
