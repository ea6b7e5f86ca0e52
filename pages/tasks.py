"""Tasks: what every task is worth now, what was lost on the way, what is mistaken for what; and runs side by side."""

from __future__ import annotations

import streamlit as st

from engine.exhibits.tasks import accuracy as exhibits
from engine.exhibits.tasks import floor as floors
from engine.exhibits.tasks.classes import task_of
from engine.figures.forgetting import worst
from engine.metrics.accuracy import until
from engine.metrics.wording import loss
from engine.session.floor import NAME, SETTING, floor
from engine.store.store import RunStore
from engine.store.view import RunView
from engine.training import repeats
from pages.ui import address, analysis, context, definitions, firstly, panels, segments, setup, shell
from pages.ui.tasks import boundaries, classes, kpis, preferences, selection
from pages.ui.tasks.choosing import RUNS
from pages.ui.text import title

shell.guard()

_TABS = {"run": "This run", "compare": "Compare"}
_BY = {"seeds": "Methods", "runs": "Runs", "scenarios": "Scenarios"}
_SETTINGS = {"class_il": "All classes seen", "task_il": "Task known"}


def body(here: context.Context) -> None:
    """This run, or what stands beside it; only the open tab is computed."""
    tab = segments.choose("Show", "tab", _TABS, hidden=True)
    if tab == "compare":
        _compare(here)
    else:
        _one(here)


def _compare(here: context.Context) -> None:
    methods = {run.method for run in here.runs if run.status == "finished"}
    default = "seeds" if len(methods) > 1 and not address.value(RUNS) else "runs"
    by = segments.choose("Compare", "by", _BY, hidden=True, default=default, plain="runs")
    if by == "scenarios":
        from pages.ui.tasks import scenarios

        scenarios.show(here)
    else:
        from pages.ui.tasks import beside
        from pages.ui.tasks import methods as picture

        pictured = by == "seeds" and picture.show(here)
        beside.show(here, grouped=by == "seeds", titled=not pictured)


def _one(here: context.Context) -> None:
    """Findings first, then the numbers, then the detail."""
    view = setup.ready(
        here,
        "Nothing has been learnt yet",
        "This page shows what a run remembers and forgets. Train one first.",
        "The first accuracy appears after the first task.",
    )
    if view is None or here.moment is None:
        return
    head = st.container()
    split, setting = _controls(view)
    then = until(view.accuracy(split, setting), here.moment)
    with head:
        title(loss(worst(then)), "" if view.config.dataset == "aviary" else repeats.told(view))
    kpis.row(view, split, setting, here.moment)
    firstly.text()
    left, right = st.columns(2)
    with left:
        _matrix(view, split, setting, here)
        if setting == SETTING and here.moment:
            _floor(view, split, here.moment)
    with right:
        chosen = task_of(view, here.class_id)
        panels.show(exhibits.lines(view, split, setting, here.moment, chosen), chart="lines")
        panels.show(exhibits.old_new(view, split, setting, here.moment), chart="old-new")
    preferences.show(view, split, here.moment)
    boundaries.show(view, split, here.moment)
    left, right = st.columns(2)
    with left:
        _confusion(view, split, here.moment)
    with right:
        _reliability(view, split, here.moment)
    classes.detail(view, split, here)
    kpis.everything(view)


def _controls(view: RunView) -> tuple[str, str]:
    with st.container(horizontal=True, vertical_alignment="center", key="view-controls"):
        split = segments.split(view)
        setting = segments.choose("The model chooses among", "setting", _SETTINGS, hidden=True)
        definitions.popover((*kpis.TERMS, setting), "kpis", kpis.LESSON)
    return split, setting


def _matrix(view: RunView, split: str, setting: str, here: context.Context) -> None:
    column = task_of(view, here.class_id)
    panels.show(
        exhibits.matrix(view, split, setting, here.moment or 0, column),
        note="Click a cell for its moment",
        chart="cells",
        on_select=selection.on_cell(view, split, "cells"),
    )


def _reliability(view: RunView, split: str, moment: int) -> None:
    exhibit = exhibits.reliability(view, split, moment)
    if exhibit is not None:
        panels.show(exhibit, chart="reliability-marks")
        return
    kind, note = exhibits.RELIABILITY, "This run is of an older version, which kept only the calibration error."
    with panels.panel(kind.name, "How sure it is was not kept", note, None, kind.terms, kind.lesson):
        st.caption("Train it again to see the diagram: equal settings give equal weights on one machine.")


def _floor(view: RunView, split: str, moment: int) -> None:
    """What references lose that forget nothing; computed by itself once nothing trains any more."""
    words = "what is lost to more classes alone"
    found = analysis.wanted(view, view.tasks_done - 1, NAME, words=words, auto=not view.active)
    exhibit = floors.exhibit(floor(RunStore(), view, split, moment, found), split)
    if exhibit is not None:
        panels.show(exhibit, chart="forgetting-floor")


def _confusion(view: RunView, split: str, moment: int) -> None:
    axis = st.session_state.get("confused", "task")
    by_task = axis == "task"
    react = selection.on_task("mixups") if by_task else selection.on_class(view, moment, "mixups")
    note = "Click a cell for its pictures."
    with panels.shown(exhibits.confusion(view, split, moment, axis), note, chart="mixups", on_select=react):
        st.segmented_control(
            "Confusion of",
            ["task", "class"],
            default="task",
            required=True,
            key="confused",
            format_func=lambda k: {"task": "tasks", "class": "classes"}[k],
            label_visibility="collapsed",
            persist_state="session",
        )


shell.show(body)
