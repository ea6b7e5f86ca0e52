"""Tags for all runs of an experiment at once, by which Home finds them, and the way back."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from engine.experiments.standing import CellState
from engine.store.shelf import Shelf
from engine.store.store import RunStore
from pages.ui import notices, tagging
from pages.ui.tagging import Tags, counted

_UNDO = "experiment-tags-undo"
"""Session: which experiment's runs were tagged last, by its number, and the tags that they had before."""


def draw(store: RunStore, number: int, states: Sequence[CellState]) -> None:
    """The button, and behind it the fields; nothing where no run has begun."""
    runs = {state.run.id for state in states if state.run is not None}
    if not runs:
        return
    drawer = st.popover("Tags", icon=":material/label:", key="experiment-tags", on_change="rerun")
    if not drawer.open:
        return
    with drawer:
        st.markdown("Home lists and finds runs by their tags.")
        theirs = {entry.run.id: entry.tags for entry in Shelf(store).entries() if entry.run.id in runs}
        tagging.draw(theirs, partial(_retag, number))


def undo(number: int) -> None:
    """Draw on how many runs of this experiment tags were changed last, and the way back."""
    changed, before = st.session_state.get(_UNDO, (None, {}))
    if changed != number:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="experiment-tags-undone"):
        st.markdown(f"Tags changed on {counted(len(before))}.")
        st.button("Undo", key="experiment-tags-back", icon=":material/undo:", on_click=_back, args=(before,))


def _retag(number: int, before: Tags, after: Tags) -> None:
    if notices.succeeds(lambda: Shelf(RunStore()).tag(after)):
        st.session_state[_UNDO] = number, before


def _back(before: Tags) -> None:
    if notices.succeeds(lambda: Shelf(RunStore()).tag(before)):
        st.session_state.pop(_UNDO)
