"""A stream whose tasks nobody announces: the loss that gives them away, and whether test images find their expert."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from engine.array_types import Floats, Ints
from engine.figures.look import DROP, NEW, OLD, ORDINARY, QUIET, add_line, frame, labelled, percent, with_legend
from engine.figures.tables import Table, cell

_HEIGHT = 300
_MOST = 2000
"""Steps that are drawn; of longer streams each so many, and every switch."""


def stream_lines(loss: Floats, bound: Floats, boundary: Ints, step: Ints, false: Sequence[bool]) -> go.Figure:
    """The smoothed loss of a stream with its limit; a line at each true boundary, a mark at each switch.

    Args:
        loss, bound: [I]; the limit is NaN until there is one.
        boundary: steps at which the tasks began, [T].
        step, false: of each switch [F], when, and whether no task had begun.
    """
    kept = np.unique(np.concatenate([np.arange(0, len(loss), max(1, len(loss) // _MOST)), step, boundary]))
    figure = go.Figure()
    for begin in boundary[1:].tolist():
        figure.add_vline(x=begin, line_width=2, line_dash="dot", line_color=QUIET)
    for values, name, colour, dash in ((loss, "loss", ORDINARY, "solid"), (bound, "limit", QUIET, "dash")):
        figure.add_scatter(
            x=kept,
            y=values[kept],
            mode="lines",
            name=name,
            line={"color": colour, "width": 2, "dash": dash},
            hovertemplate=f"step %{{x}}, {name} %{{y:.2f}}<extra></extra>",
        )
    wrong = np.array(false, np.bool_)
    for which, name, colour, symbol in (
        (~wrong, "new task noticed", NEW, "diamond"),
        (wrong, "false alarm", DROP, "x"),
    ):
        if which.any():
            figure.add_scatter(
                x=step[which],
                y=loss[step[which]],
                mode="markers",
                name=name,
                marker={"color": colour, "size": 13, "symbol": symbol},
                hovertemplate=f"{name} at step %{{x}}<extra></extra>",
            )
    figure.update_xaxes(title="step of the stream; dotted: where a task begins", fixedrange=True)
    figure.update_yaxes(title="smoothed loss", rangemode="tozero", fixedrange=True)
    return with_legend(frame(figure, _HEIGHT), fixed=True)


def stream_table(boundary: Ints, delay: Ints, false_alarms: int) -> Table:
    """The twin: when each task began and was noticed."""
    late: list[str | int | float | None] = [None if value < 0 else int(value) for value in delay]
    late[0] = None  # the first is noticed by definition
    return {
        "task": [*range(1, len(boundary) + 1), "false alarms"],
        "began at step": [*boundary.tolist(), None],
        "noticed after steps": [*late, false_alarms],
    }


def routing_lines(routing: Floats, answered: Floats, told: Floats) -> go.Figure:
    """By task: images sent to the expert that knows their class, answers right, and right if that expert were known.

    Args:
        routing, answered, told: shares, [T]; NaN where there is no image.
    """
    tasks = np.arange(1, len(routing) + 1)
    figure = go.Figure()
    lines = (
        (told, "right if the expert were told", QUIET, "dash"),
        (answered, "right", ORDINARY, "solid"),
        (routing, "sent to the right expert", OLD, "dot"),
    )
    for values, name, colour, dash in lines:
        add_line(figure, tasks, values, name, colour, f"task %{{x}}, {name}: %{{y:.1%}}", dash)
    figure.update_xaxes(title="task", tickvals=[int(tasks[place]) for place in labelled(len(tasks))], fixedrange=True)
    figure.update_yaxes(title="share of its test images", tickformat=".0%", range=[-0.03, 1.03], fixedrange=True)
    return with_legend(frame(figure, _HEIGHT), fixed=True)


def routing_table(shares: dict[str, Floats]) -> Table:
    """The twin, by the name of each share, [T] each."""
    count = len(next(iter(shares.values())))
    table: Table = {"task": list(range(1, count + 1))}
    return table | {name: [cell(value) for value in values] for name, values in shares.items()}


def said(values: Floats) -> str:
    """A mean share over the tasks that have one."""
    return percent(float(np.nanmean(values)))
