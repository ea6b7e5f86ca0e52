"""A run from elsewhere: the archive is chosen, checked and brought in, or refused with the reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.store.store import RunStore
from pages.ui import context, notices
from pages.ui.text import unmarked
from pages.ui.waiting import waited

if TYPE_CHECKING:
    from streamlit.runtime.uploaded_file_manager import UploadedFile

_FILE, _BROUGHT = "bring-in-file", "bring-in-brought"
"""Session: the file chosen; the run brought in last."""


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
            _take(given)
        _told(given)


def _take(given: UploadedFile) -> None:
    st.session_state.pop(_BROUGHT, None)
    notices.attempt_file(_FILE, given.file_id, lambda: _keep(given))
    if _BROUGHT in st.session_state:
        st.rerun()  # every list of runs on the page is one run short


def _keep(given: UploadedFile) -> None:
    st.session_state[_BROUGHT] = _brought(given)


def _brought(given: UploadedFile) -> str:
    """Bring it in, showing how far that is. Leaving the page meanwhile leaves nothing behind."""
    from engine.archive.bring import bringing  # torch

    slot = st.empty()
    slot.progress(0.0, "opening it")
    given.seek(0)
    return waited(bringing(RunStore(), given), slot, lambda step: (step.share, unmarked(step.word)))


def _told(given: UploadedFile | None) -> None:
    """How it ended, until another file is chosen."""
    notices.of_file(_FILE, given.file_id if given else None)
    run: str | None = st.session_state.get(_BROUGHT)
    if run is not None:
        with st.container(horizontal=True, vertical_alignment="center", key="bring-in-done"):
            st.markdown(f"It is here as {unmarked(run)}.")
            # A link from Home to Home would leave the address as it is.
            look = ":material/visibility:"
            st.button(
                "Look at it", key="bring-in-look", icon=look, type="tertiary", on_click=context.select, args=(run,)
            )
