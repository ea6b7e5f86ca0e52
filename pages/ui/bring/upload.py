"""An archive of one's own pictures, dropped on the form of a new run: kept, and named as where its pictures are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from engine.data.received import ENDINGS, receive
from engine.home import home, received_folder
from pages.ui import notices

_FILE, _TAKEN = "pictures-file", "pictures-taken"
"""Session: the file chosen; which one was taken last."""


def zone(take: Callable[[str, Path], None]) -> None:
    """Draw it. `take` is told the source of data that opens the archive, and where it lies; before the fields that show
    both are drawn."""
    most = st.get_option("server.maxUploadSize")
    given = st.file_uploader(
        f"Or drop a zip or tar of them here (up to {most} MB; name a larger one by its path)",
        type=[ending.rpartition(".")[2] for ending in ENDINGS],
        key=_FILE,
    )
    if given is not None and st.session_state.get(_TAKEN) != given.file_id:
        st.session_state[_TAKEN] = given.file_id

        def kept() -> None:
            given.seek(0)
            take(*receive(received_folder(home()), given.name, given))

        notices.attempt_file(_FILE, given.file_id, kept)
    notices.of_file(_FILE, given.file_id if given else None)
