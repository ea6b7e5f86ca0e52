"""A run from elsewhere: the archive is chosen, checked and brought in, or refused with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.jobs import files
from engine.store.jobs import Job
from engine.store.states import FAILED, FINISHED, INTERRUPTED
from engine.store.store import RunStore
from pages.ui import context, job_line, notices
from pages.ui.text import unmarked

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

_FILE, _ASKED = "bring-in-file", "bring-in-asked"
"""Session: the file chosen; which file is being brought in, and the subject of its job."""
_TICK = 0.5
"""Seconds between two looks at it."""


def box() -> None:
    """Draw it, closed; a run that came in shows the way to it."""
    with st.expander("Bring in a run from elsewhere", key="bring-in", icon=":material/upload:"):
        most = st.get_option("server.maxUploadSize")
        st.markdown(
            "Choose an archive that Plumage exported (“Take away”, or `python -m engine export`). It is checked from "
            "end to end before anything is kept. Nothing in it is run."
        )
        st.caption(f"Up to {most} MB here. A larger one comes in with: python -m engine import FILE")
        given = st.file_uploader("An archive", type="zip", key=_FILE)
        go = st.button("Bring it in", key="bring-in-now", type="primary", disabled=given is None)
        if given is not None and go:
            notices.attempt_file(_FILE, given.file_id, lambda: _take(given))
        notices.of_file(_FILE, given.file_id if given else None)
        job = _job(given)
        if job is not None:
            st.fragment(_follow, run_every=_TICK if job.live else None)(job.subject, job.live)


def _take(given: UploadedFile) -> None:
    given.seek(0)
    st.session_state[_ASKED] = given.file_id, files.bring(RunStore(), given)


def _job(given: UploadedFile | None) -> Job | None:
    """What brings the chosen file in; a run that came in is told of until another file is chosen."""
    asked: tuple[str, str] | None = st.session_state.get(_ASKED)
    if asked is None or (given is not None and given.file_id != asked[0]):
        return None
    return files.brought(RunStore(), asked[1])


def _follow(subject: str, drawn: bool) -> None:
    with notices.caught():
        job = files.brought(RunStore(), subject)
        if job is None or job.live != drawn:
            st.rerun()  # every list of runs on the page is one run short
        if job.live:
            job_line.draw(RunStore(), job, "bring-in")
        elif job.status == FINISHED:
            _there(job.made)
        elif job.status in (FAILED, INTERRUPTED):
            why = job.error or "its process ended too early"
            notices.panel(notices.Notice("It was not brought in", why, "Nothing of it was kept"))


def _there(run: str) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="bring-in-done"):
        st.markdown(f"It is here as {unmarked(run)}.")
        # A link from Home to Home would leave the address as it is.
        look = ":material/visibility:"
        st.button("Look at it", key="bring-in-look", icon=look, type="tertiary", on_click=context.select, args=(run,))
