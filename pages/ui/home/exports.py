"""Several runs as archives: each is a job of its own, followed here until its file can be saved."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from engine.jobs import files
from engine.jobs.kinds import ARCHIVE
from engine.store.jobs import Job
from engine.store.labels import label
from engine.store.states import FINISHED
from engine.store.store import RunStore
from engine.store.summary import RunSummary
from pages.ui import job_line, notices, takeaway
from pages.ui.home.changes import EVERYTHING
from pages.ui.text import unmarked

_ASKED = "shelf-exports"
"""Session: what each run whose archive was asked for is called, by its id and the moment of it."""
_TICK = 1.0
"""Seconds between two looks at files in the making."""

Asked = dict[tuple[str, int | None], str]


def ask(runs: Sequence[RunSummary]) -> None:
    """Callback: have an archive of each run made; one that is being made already is waited for."""
    for run in runs:
        moment = run.tasks_done - 1 if run.tasks_done else None
        if notices.succeeds(partial(_make, run.id, moment)):
            st.session_state[_ASKED] = {**_asked(), (run.id, moment): label(run)}
    st.session_state[EVERYTHING] = True


def show() -> None:
    """Draw the archives that were asked for, until they are put away."""
    if not _asked():
        return
    live = any(job.live for job in _jobs().values())
    st.fragment(_listed, run_every=_TICK if live else None)(live)


def _listed(drawn: bool) -> None:
    with notices.caught():
        jobs = _jobs()
        if any(job.live for job in jobs.values()) != drawn:
            st.rerun(scope="app")
        with st.container(border=True, key="shelf-exports", gap="xsmall"):
            for number, (asked, job) in enumerate(jobs.items()):
                with st.container(horizontal=True, vertical_alignment="center", key=f"shelf-export-{number}"):
                    st.markdown(unmarked(_asked()[asked]))
                    _one(job, number)
            st.button("Put away", key="shelf-exports-close", type="tertiary", on_click=_close)


def _one(job: Job, number: int) -> None:
    good = takeaway.good(ARCHIVE)
    if job.live:
        job_line.draw(RunStore(), job, f"{good.key}-{number}")
    elif job.status == FINISHED:
        takeaway.save(good, job, f"{good.key}-{number}")
    else:
        st.caption(unmarked(f"Not made: {job.error or 'its process ended too early'}"))


def _jobs() -> dict[tuple[str, int | None], Job]:
    """The job of each that was asked for; a file that is gone meanwhile has none."""
    store = RunStore()
    found = {asked: files.made(store, ARCHIVE, *asked) for asked in _asked()}
    return {asked: job for asked, job in found.items() if job is not None}


def _make(run: str, moment: int | None) -> None:
    store = RunStore()
    job = files.made(store, ARCHIVE, run, moment)
    if job is None or not job.live:
        files.make(store, ARCHIVE, run, moment)


def _asked() -> Asked:
    asked: Asked = st.session_state.get(_ASKED, {})
    return asked


def _close() -> None:
    st.session_state.pop(_ASKED, None)
