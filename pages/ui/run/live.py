"""One run as it trains: what it does now, its curves, its tasks, and the accuracy matrix filling in row by row.

Everything is read from the store on every tick, so a reloaded tab, a second viewer and this one see the same.
"""

from __future__ import annotations

import streamlit as st

from engine.exhibits.run import live as exhibits
from engine.figures.bars import progress
from engine.figures.curves import PHASES
from engine.figures.telling import tell
from engine.metrics.accuracy import finished
from engine.records.progress import ProgressRow
from engine.runs.catalog import catalog
from engine.store.states import QUEUED
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import context, controls, firstly, notices, onward, panels, ribbon, running
from pages.ui.reading import Reading
from pages.ui.text import duration, safe, title

_TICK = 1.0
"""Seconds between two looks at a run that trains."""
_CURVE_TICK = 3.0
"""Seconds between two drawings of its curves: drawn each second they slow the training on two cores."""
_DOING = {
    "start": "starting",
    "hardening": "hardening the backbone",
    "features": "reading images",
    "done": "done",
    **PHASES,
}
_COUNTED = {"features": "Images", "hardening": "Steps"}


def show(here: context.Context) -> None:
    """Draw the chosen run. While its worker lives, what changes every second is looked at every second; the ribbon and
    the matrices change when the data is open and with every finished task, which draws the whole page anew."""
    view = here.view
    if view is None:
        return
    drawn = running.stage(view)
    every = _TICK if view.active else None
    st.fragment(_top, run_every=every)(view.id, drawn)
    if view.tasks_done and not view.active:
        onward.links()
    firstly.text()
    _ribbon(view)
    if not view.active:
        _matrices(view)
    st.fragment(_curves, run_every=_CURVE_TICK if view.active else None)(view.id)
    if view.active:
        _matrices(view)


def _top(run: str, drawn: running.Stage) -> None:
    with notices.caught():
        view = Reading(RunStore(), run)
        status = view.status
        if running.stage(view) != drawn:
            st.rerun()
        _head(view, status)
        controls.buttons(view, status)
        if status == "failed":
            running.failure(view)
        if status != QUEUED:
            _strip(view, status)


def _head(view: RunView, status: str) -> None:
    config = view.config
    facts = (
        catalog()[config.method].title,
        f"{len(view.class_names)} classes" if view.class_names else "",
        f"{view.tasks_total} tasks" if view.tasks_total else "",
        f"seed {config.seed}",
        f"forked from {view.parent} after task {(view.parent_task or 0) + 1}" if view.parent else "",
    )
    st.html(running.head(view, status, facts))
    told = tell(view, status)
    title(
        told.headline,
        f"{told.note} The Tasks page shows what was lost on the way." if status == "finished" else told.note,
    )


def _strip(view: RunView, status: str) -> None:
    now = view.progress
    cells = _doing(now, view.tasks_total) if status in ("running", "paused") else {}
    if status == "running" and now.eta_seconds is not None:
        cells["Time left"] = duration(now.eta_seconds)
    if view.tasks_done:
        cells["Training time"] = duration(view.seconds)
        cells["Peak memory"] = f"{view.peak_memory_mb or 0:.0f} MB"
    listed = "".join(f"<div><dt>{name}</dt><dd>{safe(value)}</dd></div>" for name, value in cells.items() if value)
    st.html(f"<div class='pl-strip'><dl>{listed}</dl>{progress(now.fraction)}</div>")


def _doing(now: ProgressRow, total: int | None) -> dict[str, str]:
    counted = _COUNTED.get(now.phase, "Epoch")
    return {
        "Task": f"{min(now.task + 1, total or 1)} of {total or '?'}",
        "Doing": _DOING.get(now.phase, now.phase),
        counted: f"{now.epoch} of {now.epochs}" if now.epochs else "",
    }


def _ribbon(view: RunView) -> None:
    tasks = view.task_classes
    if not tasks:
        if view.active and view.config.dataset == "aviary" and view.config.order == "listed":
            st.html(ribbon.preview(view.config))  # the worker will find what is known already
        return
    matrix = finished(view.accuracy())
    now = dict(enumerate(matrix[-1].tolist())) if len(matrix) else {}
    current = view.tasks_done if view.status == "running" else None
    images = ribbon.pictures(view.config, ribbon.shown(tasks))
    st.html(ribbon.cards(view.class_names, tasks, images, now, current))


def _curves(run: str) -> None:
    with notices.caught():
        rows = RunView(RunStore(), run).epochs()
        if rows and not exhibits.has_curves(rows):
            st.caption("This method learns each task in one step, so there are no curves.")
        elif rows:
            left, right = st.columns(2)
            with left:
                panels.show(exhibits.loss(rows), chart="loss-curve")
            with right:
                panels.show(exhibits.accuracy(rows), chart="accuracy-curve")


def _matrices(view: RunView) -> None:
    if not view.tasks_done:
        if view.active:
            st.caption("The accuracy matrix fills in row by row, from the first finished task on.")
        return
    splits = view.splits
    for split, column in zip(splits, st.columns(max(2, len(splits))), strict=False):
        with column:
            panels.show(exhibits.matrix(view, split), chart=f"matrix-{split}")
