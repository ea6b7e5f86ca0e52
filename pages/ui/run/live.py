"""One run: live while it trains, its film afterwards. State and controls on one line, how far it is on the next, then
the film; below what each task brought, and the curves of training behind a fold.

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
from pages.ui import context, controls, notices, onward, panels, ribbon, running
from pages.ui.reading import Reading
from pages.ui.run import beside, film, watching, ways
from pages.ui.text import duration, safe, title

_TICK = 1.5
"""Seconds between two looks at a run that trains: a look costs the browser 50 ms, a beat is to be seen in two."""
_CURVE_TICK = 3.0
"""Seconds between two drawings of its curves: drawn each second they slow the training on two cores."""
_DOING = {
    "start": "starting",
    "hardening": "hardening the backbone",
    "features": "reading images",
    "done": "done",
    **PHASES,
}


def show(here: context.Context) -> None:
    """Draw the chosen run. While its worker lives, only how far it is and the film are looked at every second; the rest
    changes when the data is open and with every finished task, which draws the whole page anew."""
    view = here.view
    if view is None:
        return
    ways.go()
    status = view.status
    with st.container(key="screen", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", key="run-head", gap="small"):
            _head(view, status)
            beside.popover(view)
            watching.popover(view)
            controls.buttons(view, status)
        if status == "failed":
            running.failure(view)
        st.fragment(_screen, run_every=_TICK if view.active else None)(view.id, running.stage(view))
    with st.container(key="below"):
        _ribbon(view)
        if view.tasks_done and not view.active:
            onward.links()
        _fold(view)


def _screen(run: str, drawn: running.Stage) -> None:
    ways.go()
    with notices.caught():
        view = Reading(RunStore(), run)
        status = view.status
        if running.stage(view) != drawn:
            st.rerun()
        if status != QUEUED:
            _strip(view, status)
        if view.task_classes:
            film.show(view, live=view.active)
        else:
            told = tell(view, status)
            title(told.headline, told.note)


def _head(view: RunView, status: str) -> None:
    config = view.config
    facts = (
        catalog()[config.method].title.partition(" (")[0],
        f"{len(view.class_names)} classes" if view.class_names else "",
        f"{view.tasks_total} tasks" if view.tasks_total else "",
        f"seed {config.seed}",
        f"forked from {view.parent} after task {(view.parent_task or 0) + 1}" if view.parent else "",
    )
    st.html(running.head(view, status, facts))


def _strip(view: RunView, status: str) -> None:
    """How far it is, in a line and as a bar; when it has ended, what has come of it."""
    now, told, parts = view.progress, tell(view, status), list[str]()
    if view.task_classes:
        parts.append(told.headline)
    if status == "running":
        parts.append(_doing(now))
        parts.append(f"{duration(now.eta_seconds)} left" if now.eta_seconds is not None else "")
    elif view.task_classes:
        parts.append(told.note)
    listed = "".join(f"<span>{safe(part)}</span>" for part in parts if part)
    bar = progress(now.fraction) if status != "finished" else ""
    st.html(f"<div class='pl-far'><p>{listed}</p>{bar}</div>")


def _doing(now: ProgressRow) -> str:
    counted = f" {now.epoch} of {now.epochs}" if now.epochs else ""
    return f"{_DOING.get(now.phase, now.phase)}{counted}"


def _ribbon(view: RunView) -> None:
    tasks = view.task_classes
    if not tasks:
        if view.active and view.config.dataset == "aviary" and view.config.order == "listed":
            st.html(ribbon.preview(view.config))  # the worker will find what is known already
        return
    matrix = finished(view.accuracy())
    now = dict(enumerate(matrix[-1].tolist())) if len(matrix) else {}
    current = view.tasks_done if view.status == "running" else None
    images = ribbon.pictures(view.config, ribbon.shown(tasks), view.nearest)
    st.html(ribbon.cards(view.class_names, tasks, images, now, current))


def _fold(view: RunView) -> None:
    """The curves of training: drawn, and looked at again while it trains, only when somebody has opened them."""
    box = st.expander("Curves of training", key="curves", icon=":material/show_chart:", on_change="rerun")
    if box.open:
        with box:
            st.fragment(_curves, run_every=_CURVE_TICK if view.active else None)(view.id)


def _curves(run: str) -> None:
    with notices.caught():
        rows = RunView(RunStore(), run).epochs()
        if not rows:
            st.caption("They begin with the first epoch.")
        elif not exhibits.has_curves(rows):
            st.caption("This method learns each task in one step, so there are no curves.")
        else:
            left, right = st.columns(2)
            with left:
                panels.show(exhibits.loss(rows), chart="loss-curve")
            with right:
                panels.show(exhibits.accuracy(rows), chart="accuracy-curve")
