"""Longer work on texts that a button asks for: its progress, its end, and what it made."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from engine.jobs import concepts
from engine.store.jobs import Job
from engine.store.states import FAILED, FINISHED, INTERRUPTED, STOPPED
from engine.store.store import RunStore
from pages.ui import job_line, notices

_TICK = 0.5
"""Seconds between two looks at it."""
_ENDED = {STOPPED: "Cancelled.", INTERRUPTED: "Its process ended too early."}


def wanted(
    command: Sequence[str], title: str, label: str, key: str, before: Callable[[], None] | None = None
) -> Job | None:
    """What a command made, as the job that did it; else None, after drawing how far it is and the button for it.

    Args:
        command: see `engine.jobs.concepts`.
        title: what it is, for people.
        label: of the button.
        key: names its elements.
        before: done when the button is pressed, before the job is asked for.
    """
    job = concepts.asked(RunStore(), command)
    if job is not None and job.status == FINISHED:
        return job
    live = job is not None and job.live
    st.fragment(_look, run_every=_TICK if live else None)(command, title, label, key, live, before)
    return None


def _look(
    command: Sequence[str], title: str, label: str, key: str, drawn: bool, before: Callable[[], None] | None
) -> None:
    with notices.caught():
        job = concepts.asked(RunStore(), command)
        live = job is not None and job.live
        if live != drawn or (job is not None and job.status == FINISHED):
            st.rerun(scope="app")
        if job is not None and live:
            job_line.draw(RunStore(), job, key)
            return
        if job is not None and job.status == FAILED:
            notices.panel(notices.Notice(f"No answer: {title}", job.error or "it left no message", "Try again"))
        with st.container(horizontal=True, vertical_alignment="center", key=f"{key}-offer"):

            def ask() -> None:
                if before is not None:
                    before()
                concepts.ask(RunStore(), command, title)

            st.button(
                "Try again" if job is not None else label, key=f"{key}-ask", on_click=notices.attempt, args=(ask,)
            )
            if job is not None and job.status in _ENDED:
                st.caption(_ENDED[job.status])
