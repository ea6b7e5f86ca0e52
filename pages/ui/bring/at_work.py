"""Work in the background that a step waits for: how far it is, and the way to end it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from engine.store.jobs import Job
from engine.store.store import RunStore
from pages.ui import job_line, notices

_TICK = 0.7
"""Seconds between two looks at it."""
Look = Callable[[], Job | None]


def show(key: str, words: str, look: Look, cancel: Callable[[Job], object]) -> None:
    """Draw a job that lives; the whole page is drawn anew once it has ended.

    Args:
        key: of its widgets.
        words: what is being done, to the reader.
        look: the job as it stands, or None once it is gone.
        cancel: ends it.
    """
    st.fragment(_look, run_every=_TICK)(key, words, look, cancel)


def _look(key: str, words: str, look: Look, cancel: Callable[[Job], object]) -> None:
    with notices.caught():
        job = look()
        if job is None or not job.live:
            st.rerun()
        job_line.draw(RunStore(), job, key, words, lambda: cancel(job))
