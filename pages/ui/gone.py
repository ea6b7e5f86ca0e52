"""A link to a run that is not here: what became of it, and the way on."""

from __future__ import annotations

import streamlit as st

from engine.store.shelf import Shelf, ShelfEntry
from engine.store.store import RunStore
from pages.ui import address, notices
from pages.ui.text import safe

_ASKED = "gone-run"
"""Session: id of the removed run that a link asked for."""


def tell(asked: str, store: RunStore, instead: str) -> None:
    """Note that a run was asked for that is not on the shelf.

    Args:
        instead: what the reader sees now and may do, as the end of a sentence.
    """
    if _found(asked, store):
        st.session_state[_ASKED] = asked
        return
    known = f"no run of this name is in {store.home}; it may have been deleted, or the link is from another computer"
    notices.add(notices.Notice(f"run {asked}", known, instead))


def offer(key: str, store: RunStore) -> None:
    """Say that the run of a link lies in the bin, and offer to put it back.

    Args:
        key: of the run in the address.
    """
    asked = st.session_state.get(_ASKED)
    entry = _found(asked, store) if asked else None
    if entry is None:
        return
    name = safe(entry.run.name or entry.run.id)
    with st.container(horizontal=True, key="gone", vertical_alignment="center"):
        st.html(
            f"<div class='pl-notice' role='alert'><strong>{name} lies in the bin.</strong>"
            "<p>The link leads to a run that was removed. Nothing of it is lost.</p></div>"
        )
        st.button("Put it back", key="gone-back", icon=":material/undo:", on_click=_restore, args=(entry.run.id, key))
        st.button("Dismiss", key="gone-dismiss", type="tertiary", on_click=_forget)


def _found(asked: str, store: RunStore) -> ShelfEntry | None:
    return next((entry for entry in Shelf(store).bin() if entry.run.id == asked), None)


def _restore(run: str, key: str) -> None:
    if notices.succeeds(lambda: Shelf(RunStore()).restore(run)):
        _forget()
        address.choose(key, run)


def _forget() -> None:
    st.session_state.pop(_ASKED, None)
