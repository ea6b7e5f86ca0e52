"""Accuracy of every task over time, with the loss that matters most marked and put into words."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats
from engine.figures.look import DROP, NEW, OLD, ORDINARY, QUIET, add_line, frame, labelled, percent, points
from engine.figures.tables import Table, cell
from engine.metrics.accuracy import TaskDrop, drops, finished
from engine.metrics.wording import WORTH_SAYING
from engine.metrics.wording import points as worded

LABEL_APART = 0.08
"""Labels of lines that end closer than this are pushed apart."""
ROOM_FOR_NAMES = 72
"""Pixels kept on the right for names behind the lines' ends."""


def losses(accuracy: Floats) -> tuple[TaskDrop, ...]:
    """The loss of every task learnt before the last finished one, in order."""
    return drops(accuracy)[:-1]


def worst(accuracy: Floats) -> TaskDrop | None:
    """The task that lost most, or None before the second task."""
    return max(losses(accuracy), key=lambda loss: loss.drop, default=None)


def mean_headline(mean: float) -> str:
    """What the earlier tasks lost on average (`forgetting`), in words."""
    if not np.isfinite(mean):
        return "Every task over time"
    if abs(mean) < WORTH_SAYING / 2:
        return "Earlier tasks held their ground"
    return f"Earlier tasks {'lost' if mean > 0 else 'gained'} {worded(mean, 1)} on average"


def forgetting_lines(accuracy: Floats, task: int | None = None, height: int = 380) -> go.Figure:
    """One line a task from the moment it was learnt; `task`, else the one that lost most, stands out with its drop."""
    found = losses(accuracy)
    told = next((loss for loss in found if loss.task == task), None) or worst(accuracy)
    figure = go.Figure()
    done = len(finished(accuracy))
    for k in range(done):
        _add_line(figure, accuracy[:done, k], k, told is not None and told.task == k)
    if told is not None and told.worst_after is not None and told.drop >= WORTH_SAYING:
        _mark(figure, accuracy, told, told.worst_after)
    time_axes(figure, len(accuracy))
    return frame(figure, height)


def forgetting_table(accuracy: Floats) -> Table:
    """Best, latest and lost accuracy of every task, with the task after which it fell most."""
    found = losses(accuracy)
    return {
        "task": [loss.task + 1 for loss in found],
        "best": [cell(loss.best) for loss in found],
        "now": [cell(loss.final) for loss in found],
        "lost": [cell(loss.drop) for loss in found],
        "largest fall": [cell(loss.worst_step) for loss in found],
        "after task": [None if loss.worst_after is None else loss.worst_after + 1 for loss in found],
    }


def old_new_lines(
    old: Floats,
    new: Floats,
    tasks: int,
    named: Floats | None = None,
    height: int = 320,
) -> go.Figure:
    """Accuracy on earlier tasks' classes and on the newest task's, one value each per finished task of `tasks`.

    Args:
        named: what zero-shot CLIP gets right of the newest task, likewise; not drawn where nothing of it is known.
    """
    figure = go.Figure()
    lines = [("new classes", new, NEW, "solid"), ("old classes", old, OLD, "dash")]
    if named is not None and np.isfinite(named).any():
        lines.append(("new classes by name alone (zero-shot CLIP)", named, QUIET, "dot"))
    for name, values, colour, dash in lines:
        known = np.flatnonzero(np.isfinite(values))
        add_line(figure, known + 1, values[known], name, colour, f"after task %{{x}}, {name}: %{{y:.1%}}", dash)
    _name_ends(figure, old, new)
    if len(lines) > 2:
        _name_zero_shot(figure, lines[-1][1])
    time_axes(figure, tasks)
    return frame(figure, height).update_layout(margin_r=ROOM_FOR_NAMES)


def _name_ends(figure: go.Figure, old: Floats, new: Floats) -> None:
    """Name both lines behind their ends, apart even where they meet."""
    ends = {"new": new[-1], "old": old[-1]} if len(new) else {}
    known = sorted(((float(v), name) for name, v in ends.items() if np.isfinite(v)), reverse=True)
    close = len(known) == 2 and known[0][0] - known[1][0] < LABEL_APART
    for (value, name), shift in zip(known, (8, -8) if close else (0, 0), strict=False):
        place = {"x": len(new), "y": value, "xanchor": "left", "xshift": 10, "yshift": shift, "showarrow": False}
        figure.add_annotation(text=f"{name} {percent(value)}", **place)


def _name_zero_shot(figure: go.Figure, named: Floats) -> None:
    """Name the line of zero-shot CLIP below its last point, where the others never are."""
    last = int(np.flatnonzero(np.isfinite(named))[-1])
    place = {"x": last + 1, "y": float(named[last]), "xanchor": "right", "yanchor": "top", "yshift": -6}
    figure.add_annotation(text=f"new by name alone {percent(float(named[last]))}", showarrow=False, **place)


def old_new_table(old: Floats, new: Floats, named: Floats | None = None) -> Table:
    """The twin of `old_new_lines`."""
    table: Table = {
        "after task": list(range(1, len(new) + 1)),
        "old classes": [cell(v) for v in old],
        "new classes": [cell(v) for v in new],
    }
    if named is not None:
        table["new classes, zero-shot CLIP"] = [cell(v) for v in named]
    return table


def old_new_headline(old: Floats, new: Floats) -> str:
    """Who is favoured after the last finished task, in words."""
    known = np.flatnonzero(np.isfinite(old) & np.isfinite(new))
    if not len(known):
        return "Old and new can be compared from the second task on"
    gap = float(new[known[-1]] - old[known[-1]])
    if abs(gap) < WORTH_SAYING:
        return "Old and new classes do equally well"
    return f"{'New' if gap > 0 else 'Old'} classes are {worded(gap, 0)} ahead"


def _add_line(figure: go.Figure, column: Floats, task: int, told: bool) -> None:
    moments = np.arange(task, len(column))
    figure.add_scatter(
        x=moments + 1,
        y=column[task:],
        mode="lines+markers",
        name=f"task {task + 1}",
        opacity=1.0 if told else 0.55,
        line={"color": ORDINARY if told else QUIET, "width": 3.5 if told else 1.5},
        marker={"size": 8 if told else 5},
        hovertemplate=f"task {task + 1} after task %{{x}}: %{{y:.1%}}<extra></extra>",
    )


def _mark(figure: go.Figure, accuracy: Floats, loss: TaskDrop, after: int) -> None:
    """The drop: the falling piece of the line in its own colour, with its size beside it."""
    before, now = float(accuracy[after - 1, loss.task]), float(accuracy[after, loss.task])
    figure.add_scatter(
        x=[after, after + 1],
        y=[before, now],
        mode="lines",
        line={"color": DROP, "width": 6},
        hoverinfo="skip",
        name="drop",
    )
    lowest = float(np.nanmin(accuracy[after - 1 : after + 1]))  # below the other tasks' lines, which it would cross
    place = {"x": after + 0.5, "y": lowest, "yanchor": "top", "yshift": -6}
    figure.add_annotation(text=f"<b>{points(now - before)}</b> task {loss.task + 1}", showarrow=False, **place)


def time_axes(figure: go.Figure, tasks: int) -> None:
    figure.update_xaxes(
        title="after task",
        tickmode="array",
        tickvals=[place + 1 for place in labelled(tasks)],
        range=[0.7, tasks + 0.3],
        showgrid=False,
    )
    figure.update_yaxes(title="accuracy", tickformat=".0%", range=[0, 1.09], dtick=0.25)
