"""An experiment put away, alone or with its runs, and the way back."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from engine.jobs.experiments import begun_by
from engine.store.experiments import KeptExperiment, KeptExperiments
from engine.store.shelf import Shelf
from engine.store.store import RunStore
from pages.ui import notices
from pages.ui.experiments import choosing
from pages.ui.text import size, unmarked

_UNDO = "experiment-undo"
"""Session: what was put away last, as `_PutAway`."""


@dataclass(frozen=True, slots=True)
class _PutAway:
    """An experiment that was put away, and its runs that went into the bin with it."""

    number: int
    name: str
    runs: tuple[str, ...]


def draw(store: RunStore, kept: KeptExperiment) -> None:
    """The button, and behind it the choice."""
    drawer = st.popover("Put away", icon=":material/inventory_2:", key="experiment-away", on_change="rerun")
    if not drawer.open:
        return
    runs = begun_by(store, kept.id)
    with drawer:
        st.markdown("It leaves this page. Its runs can stay where they are, or go with it.")
        _button(store, kept, (), "Put away, keep its runs", "experiment-put-away")
        if runs:
            many = f"{len(runs):,} run{'s'[: len(runs) != 1]}"
            taken = size(Shelf(store).bytes_of(runs))
            st.markdown(
                f"It began {many}, which take {taken}. Starred ones, and runs begun elsewhere, are not among them."
            )
            _button(store, kept, tuple(runs), f"Put away with its {many}", "experiment-put-away-all")


def undo(store: RunStore) -> None:
    """Draw what was put away last, and the way back."""
    done: _PutAway | None = st.session_state.get(_UNDO)
    if done is None or KeptExperiments(store.database).get(done.number).removed is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="experiment-undone"):
        gone = f"; {len(done.runs):,} of its runs lie in the bin on Home" if done.runs else ""
        st.markdown(unmarked(f"{done.name} is put away{gone}."))
        st.button("Undo", key="experiment-undo-button", icon=":material/undo:", on_click=_back, args=(store, done))


def _button(store: RunStore, kept: KeptExperiment, runs: tuple[str, ...], label: str, key: str) -> None:
    st.button(label, key=key, on_click=_put, args=(store, _PutAway(kept.id, kept.name, runs)), width="stretch")


def _put(store: RunStore, done: _PutAway) -> None:
    def act() -> None:
        Shelf(store).remove(*done.runs)  # first: it is refused where one of them trains again
        KeptExperiments(store.database).remove(done.number)

    if notices.succeeds(act):
        choosing.look_at(None)
        st.session_state[_UNDO] = done


def _back(store: RunStore, done: _PutAway) -> None:
    def act() -> None:
        KeptExperiments(store.database).restore(done.number)
        Shelf(store).restore(*done.runs)

    if notices.succeeds(act):
        choosing.look_at(done.number)
        st.session_state.pop(_UNDO)
