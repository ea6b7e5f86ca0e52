"""Loss and accuracy while training, epoch by epoch and task by task. Altair, so that a live chart keeps its node."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import altair as alt
import pandas as pd  # type: ignore[import-untyped]

from engine.figures.look import MOVED, ORDINARY, QUIET
from engine.figures.tables import Table, cell

HEIGHT = 255
NAMES = 10
"""No more tasks than this are named in a curve; of more, every second, third, ..."""
PHASES = {"search": "finding concepts", "train": "learning"}
"""What the phases of a task are called on screen."""


class LoggedEpoch(Protocol):
    """One finished epoch, as the run store hands it out."""

    @property
    def task(self) -> int: ...
    @property
    def phase(self) -> str: ...
    @property
    def epoch(self) -> int: ...
    @property
    def epochs(self) -> int: ...
    @property
    def loss(self) -> float: ...
    @property
    def train_accuracy(self) -> float: ...
    @property
    def val_accuracy(self) -> float | None: ...
    @property
    def seconds(self) -> float: ...


Rows = Sequence[LoggedEpoch]
Layers = alt.LayerChart | alt.FacetChart
"""What Altair says of a layered chart."""


def curve_table(rows: Rows) -> Table:
    """The twin of both curves: one row an epoch, numbered through the whole run from 1."""
    return {
        "step": list(range(1, len(rows) + 1)),
        "task": [r.task + 1 for r in rows],
        "phase": [PHASES.get(r.phase, r.phase) for r in rows],
        "epoch": [r.epoch for r in rows],
        "loss": [cell(r.loss) for r in rows],
        "train accuracy": [cell(r.train_accuracy) for r in rows],
        "validation accuracy": [None if r.val_accuracy is None else cell(r.val_accuracy) for r in rows],
        "seconds": [cell(r.seconds, 2) for r in rows],
    }


def loss_curve(rows: Rows, height: int = HEIGHT) -> Layers:
    """Mean training loss of every epoch; one piece of line per task and phase, so that restarts do not join up."""
    values = _records(rows)
    line = alt.Chart(pd.DataFrame(values)).mark_line(color=ORDINARY, strokeWidth=2, interpolate="monotone")
    line = line.encode(
        x=_steps(),
        y=alt.Y("loss:Q", title="loss", scale=alt.Scale(zero=False, nice=True)),
        detail="piece:N",
        tooltip=_tooltip("loss", ".4f"),
    )
    return _framed(line, rows, height, names_at=alt.value(6))


def accuracy_curve(rows: Rows, height: int = HEIGHT) -> Layers:
    """Training and validation accuracy of every epoch on a fixed 0 to 1 scale."""
    values = []
    for record in _records(rows):
        for kind in ("training", "validation"):
            if record[kind] is not None:
                values.append({**record, "kind": kind, "accuracy": record[kind]})
    percents = alt.Axis(format="%", values=[0, 0.25, 0.5, 0.75, 1])
    scale = alt.Scale(domain=["training", "validation"], range=[ORDINARY, MOVED])
    dash = alt.Scale(domain=["training", "validation"], range=[[1, 0], [5, 3]])
    legend = alt.Legend(orient="top", title=None)
    line = alt.Chart(pd.DataFrame(values)).mark_line(strokeWidth=2)
    line = line.encode(
        x=_steps(),
        y=alt.Y(
            "accuracy:Q",
            title="accuracy",
            scale=alt.Scale(domain=[0, 1]),
            axis=percents,
        ),
        color=alt.Color("kind:N", scale=scale, legend=legend),
        strokeDash=alt.StrokeDash("kind:N", scale=dash, legend=legend),
        detail="piece:N",
        tooltip=[*_tooltip("accuracy", ".1%"), alt.Tooltip("kind:N")],
    )
    return _framed(line, rows, height, names_at=alt.datum(0.05))


def task_starts(rows: Rows) -> list[tuple[int, int]]:
    """(step, task) of each task's first epoch; steps count from 1."""
    return [(i + 1, r.task) for i, r in enumerate(rows) if i == 0 or rows[i - 1].task != r.task]


def _records(rows: Rows) -> list[dict[str, Any]]:
    return [
        {
            "step": i + 1,
            "piece": f"{r.task}-{r.phase}",
            "task": r.task + 1,
            "epoch": r.epoch,
            "phase": PHASES.get(r.phase, r.phase),
            "loss": r.loss,
            "training": r.train_accuracy,
            "validation": r.val_accuracy,
        }
        for i, r in enumerate(rows)
    ]


def _steps() -> alt.X:
    axis = alt.Axis(grid=False, tickMinStep=1, format="d")
    return alt.X("step:Q", title="epochs so far", axis=axis, scale=alt.Scale(nice=False))


def _tooltip(field: str, form: str) -> list[alt.Tooltip]:
    shown = [alt.Tooltip(f"{name}:{kind}") for name, kind in (("task", "Q"), ("phase", "N"), ("epoch", "Q"))]
    return [*shown, alt.Tooltip(f"{field}:Q", format=form)]


def _framed(line: alt.Chart, rows: Rows, height: int, names_at: Any) -> Layers:
    """The line over thin marks where tasks begin; they are named at `names_at`, a place on the y axis."""
    starts: list[dict[str, Any]] = [{"step": step, "name": f"task {task + 1}"} for step, task in task_starts(rows)]
    every = max(-(-len(starts) // NAMES), 1)
    base = alt.Chart(pd.DataFrame(starts)).encode(x="step:Q")
    rule = base.mark_rule(color=QUIET, strokeWidth=1, opacity=0.5)
    named = alt.Chart(pd.DataFrame(starts[::every])).encode(x="step:Q")
    name = named.mark_text(color=QUIET, align="left", dx=4, fontSize=11).encode(y=names_at, text="name:N")
    return alt.layer(rule, name, line).properties(height=height)
