"""A job that lives, on one line: how far it is, how long it still takes or what it waits for, and the way to end it."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from engine.jobs import queue
from engine.jobs.ending import end
from engine.store.jobs import Job
from engine.store.store import RunStore
from pages.ui import notices
from pages.ui.text import duration, unmarked


def draw(store: RunStore, job: Job, key: str, words: str = "", cancel: Callable[[], object] | None = None) -> None:
    """Draw it.

    Args:
        key: its box is `KEY-progress`, its button `KEY-cancel`.
        words: what is being done, to the reader; may be empty.
        cancel: ends it, where more than the job itself is to be ended.
    """
    with st.container(horizontal=True, vertical_alignment="center", key=f"{key}-progress"):
        st.progress(job.share or 0.0, unmarked(f"{words}: {_far(store, job)}" if words else _far(store, job)))
        st.button(
            "Cancel",
            key=f"{key}-cancel",
            type="tertiary",
            disabled=job.stopping,
            on_click=notices.attempt,
            args=(cancel or (lambda: end(store, job)),),
        )


def _far(store: RunStore, job: Job) -> str:
    place = queue.waits(store, job)
    if job.stopping:
        return "stopping"
    if place is not None:
        return place.words
    counted = f" ({job.done:,} of {job.total:,})" if job.total else ""
    left = f", about {duration(job.seconds_left)} left" if job.seconds_left is not None else ""
    return f"{job.word or 'starting'}{counted}{left}"
