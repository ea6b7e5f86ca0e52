"""Forget on purpose: choose classes or training pictures, have a fork made without them, and see the proof."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.exhibits.repair import unlearning as exhibits
from engine.jobs import errands
from engine.store.jobs import Job
from engine.store.states import FAILED, INTERRUPTED, STOPPED
from engine.store.store import RunStore
from engine.store.summary import RunSummary
from engine.store.view import RunView
from pages.ui import analysis, context, job_line, laboratory, notices, panels
from pages.ui.context import Context
from pages.ui.repair import forget_choice
from pages.ui.text import STATUS_WORDS, unmarked

if TYPE_CHECKING:
    from engine.session.lab import Lab

_MOST = 8
"""Forks that are listed; the newest first."""
_TICK = 0.5
"""Seconds between two looks at what is at work."""
_ENDED = {STOPPED: "Cancelled; nothing was made.", INTERRUPTED: "Its process ended too early; nothing was made."}


def show(here: Context) -> None:
    """What this run has forgotten, if it has; what can be forgotten; and the forks that have, with the proof."""
    assert here.view is not None and here.moment is not None  # the page has checked
    lab = laboratory.open(here.view, here.moment)
    from engine.session.forgetting import RETRAIN, forgotten
    from engine.session.unlearnt_fork import why_not

    if forgotten(lab) is not None:
        _proof(here.view, here.moment)
    reason = why_not(lab)
    if reason:
        st.caption(unmarked(f"Nothing can be unlearnt here: {reason}. {RETRAIN}."))
        return
    _ask(lab)
    _forks(lab)


def _ask(lab: Lab) -> None:
    """The choice and the button, or how far it is."""
    job = errands.find(RunStore(), errands.unlearning(lab.view.id))
    if job is not None and job.live:
        st.fragment(_watch, run_every=_TICK)(lab.view.id)
        return
    with st.container(border=True, key="panel-forget"):
        classes, rows = forget_choice.show(lab)
        _begin(lab, classes, rows, job)


def _begin(lab: Lab, classes: list[int], rows: list[int], job: Job | None) -> None:
    if job is not None and job.status == FAILED:
        notices.panel(notices.Notice("Nothing was unlearnt", job.error or "it left no message", "Try again"))
    with st.container(horizontal=True, vertical_alignment="center", key="forget-begin"):
        st.button(
            "Forget",
            key="forget-start",
            type="primary",
            icon=":material/ink_eraser:",
            disabled=not classes and not rows,
            help="Makes a fork that has never seen them, and compares it with a training without. The run itself "
            "stays as it is.",
            on_click=notices.attempt,
            args=(lambda: _start(lab, classes, rows),),
        )
        st.caption(unmarked(_said(lab, classes, rows)))
        if job is not None and job.status in _ENDED:
            st.caption(_ENDED[job.status])


def _said(lab: Lab, classes: list[int], rows: list[int]) -> str:
    if not classes and not rows:
        return "Choose a class, or click pictures."
    parts = [f"all of {lab.dataset.class_names[c]}" for c in classes]
    parts += [f"{len(rows)} training picture{'s' if len(rows) != 1 else ''}"] if rows else []
    return f"To be forgotten: {', '.join(parts)}."


def _start(lab: Lab, classes: list[int], rows: list[int]) -> None:
    """Callback: what cannot be forgotten is said at once; the rest is a job."""
    from engine.session.forgetting import to_forget

    names = [lab.dataset.class_names[c] for c in classes]
    to_forget(lab, names, [f"train:{row}" for row in rows])
    title = f"Unlearning in {lab.view.name or lab.view.id}"
    errands.unlearn(RunStore(), lab.view.id, names, rows, title)
    forget_choice.clear()


def _watch(run: str) -> None:
    with notices.caught():
        job = errands.find(RunStore(), errands.unlearning(run))
        if job is None or not job.live:
            st.rerun(scope="app")
        job_line.draw(RunStore(), job, "forget", "Unlearning")


def _forks(lab: Lab) -> None:
    """The forks of the run that have unlearnt something, and the proof of the newest."""
    from engine.session.forgetting import forks

    for place, summary in enumerate(forks(RunStore(), lab.view.id)[:_MOST]):
        _line(summary)
        if not place:
            _proof(RunView(RunStore(), summary.id), summary.tasks_done - 1)


def _line(fork: RunSummary) -> None:
    """What a fork has forgotten, how far it is, and the way to it."""
    with st.container(horizontal=True, vertical_alignment="center", key=f"forget-fork-{fork.id}"):
        status = STATUS_WORDS.get(fork.status, fork.status)
        tasks = f"{fork.tasks_done} of {fork.tasks_total} tasks"
        st.caption(unmarked(f"“{fork.name or fork.id}”: run {fork.id}, {status}, {tasks}."))
        key = f"forget-see-{fork.id}"
        st.button("Look at it", key=key, type="tertiary", on_click=context.select, args=(fork.id,))


def _proof(fork: RunView, task: int) -> None:
    found = analysis.wanted(fork, task, exhibits.ANALYSIS, words="proof of unlearning")
    if found is not None:
        panels.show(exhibits.exhibit(found, task), chart="membership")
