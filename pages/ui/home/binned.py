"""The bin: what was removed, how to put it back, and how to be rid of it for good."""

from __future__ import annotations

import streamlit as st

from engine.store.shelf import Shelf
from pages.ui.home import card, changes
from pages.ui.home.changes import called
from pages.ui.tagging import counted
from pages.ui.text import size, unmarked

_EACH = 10
"""Removed runs listed at a time."""


def show(shelf: Shelf) -> None:
    """Draw it, where anything lies in it; its size is found out only once it is opened."""
    entries = shelf.bin()
    if not entries:
        return
    box = st.expander("The bin", key="bin", icon=":material/delete:", on_change="rerun")
    if not box.open:
        return
    with box:
        pages = -(-len(entries) // _EACH)
        page = min(int(st.session_state.get("bin-page", 1)), pages)
        for entry in entries[(page - 1) * _EACH : page * _EACH]:
            run = entry.run
            with st.container(horizontal=True, vertical_alignment="center", key=f"bin-row-{run.id}"):
                st.markdown(f"**{unmarked(called(run))}**, removed {unmarked(card.when(entry.removed or 0.0))}")
                st.button(
                    "Put back", key=f"bin-back-{run.id}", type="tertiary", on_click=changes.put_back, args=(run.id,)
                )
        if pages > 1:
            st.pagination(pages, key="bin-page")
        _for_good(shelf, len(entries))


def _for_good(shelf: Shelf, count: int) -> None:
    frees = size(shelf.bin_bytes())
    with st.popover("Empty the bin", icon=":material/delete_forever:", key="bin-empty"):
        st.markdown(f"This deletes {counted(count)} with everything learnt, and frees {frees}. It cannot be undone.")
        st.button(f"Delete {counted(count)} for good", key="bin-empty-now", type="primary", on_click=_empty)


def _empty() -> None:
    changes.change(lambda shelf: shelf.empty_bin(), everything=True)
