"""What works in the background, on one line of every page: how far it is, and a way to end it."""

from __future__ import annotations

import streamlit as st

from engine.figures.bars import progress
from engine.jobs import board
from engine.jobs.board import Listed
from engine.store.answers import WAITING
from engine.store.store import RunStore
from pages.ui import address, notices
from pages.ui.text import duration, safe

_TICK = 2.0
"""Seconds between two looks while something works."""
_OWN = frozenset({"", "train"})
"""Pages that show the training of their run themselves: Home and Train."""
_ENDS = {board.TRAINING: "Stop", board.ANALYSIS: "Cancel", board.BACKBONE: "Pause"}
_HELP = {
    board.TRAINING: "It can be resumed after its last finished task.",
    board.ANALYSIS: "What was not finished is kept where its analysis can go on from there.",
    board.BACKBONE: "It can be resumed on the Robustness page.",
}


def show(run: str | None) -> None:
    """Draw the line where something works that the page does not show itself; `run` is the one looked at."""
    if _elsewhere(run):
        st.fragment(_strip, run_every=_TICK)(run)


def _elsewhere(run: str | None) -> list[Listed]:
    """The jobs, without the training that the page is about."""
    own = run if address.page() in _OWN else None
    return [job for job in board.listed(RunStore()) if job.kind != board.TRAINING or job.run != own]


def _strip(run: str | None) -> None:
    with notices.caught():
        jobs = _elsewhere(run)
        if not jobs:
            st.rerun()  # what they found may be shown now, and nobody needs to look any more
        with st.container(horizontal=True, vertical_alignment="center", key="at-work", gap="small"):
            with st.popover(_counted(jobs), icon=":material/progress_activity:", type="tertiary", key="at-work-all"):
                for number, job in enumerate(jobs):
                    _line(job, number)
            st.html(f"<p class='pl-at-work'>{safe(jobs[0].title)}: {safe(_far(jobs[0]))}</p>")


def _counted(jobs: list[Listed]) -> str:
    waiting = sum(job.status == WAITING for job in jobs)
    words = [f"{len(jobs) - waiting} at work"] if len(jobs) > waiting else []
    return ", ".join([*words, *([f"{waiting} waiting"] if waiting else [])])


def _far(job: Listed) -> str:
    if job.status == WAITING:
        return "waits for a place"
    words = ["paused"] if job.status == "paused" else []
    words += [f"{100 * job.fraction:.0f} %"] if job.fraction is not None else []
    words += [f"{duration(job.seconds_left)} left"] if job.seconds_left is not None and job.status == "running" else []
    return ", ".join(words) or "starting"


def _line(job: Listed, number: int) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key=f"at-work-{number}"):
        told = f"<p>{safe(job.title)}: {safe(_far(job))}</p>{progress(job.fraction or 0.0, job.title)}"
        st.html(f"<div class='pl-job'>{told}</div>")
        st.button(
            _ENDS[job.kind],
            key=f"at-work-end-{number}",
            help=_HELP[job.kind],
            on_click=notices.attempt,
            args=(lambda: board.end(RunStore(), job),),
        )
