"""Which experiment is looked at: in the address, and in a list above the page."""

from __future__ import annotations

import streamlit as st

from engine.jobs import experiments
from engine.store.experiments import KeptExperiment, KeptExperiments
from engine.store.states import RUNNING
from engine.store.store import RunStore
from pages.ui import address, notices, segments
from pages.ui.text import STATUS_WORDS

EXPERIMENT = "experiment"
"""Name in the address of the experiment's number."""
_NEW = "new"


def bar(store: RunStore) -> KeptExperiment | None:
    """Draw the choice; None where a new one is set up."""
    kept = KeptExperiments(store.database)
    known = {str(one.id): one for one in kept.all()}
    asked = address.value(EXPERIMENT)
    if asked not in (None, _NEW) and asked not in known:
        notices.panel(notices.Notice("This experiment is gone", "there is none of its number", "Choose another one"))
        address.choose(EXPERIMENT, None)
    first = next(iter(known), _NEW)
    chosen = address.among(EXPERIMENT, [*known, _NEW], first)
    if known:
        with st.container(horizontal=True, vertical_alignment="bottom", key="experiment-bar"):
            words = {number: _called(store, one) for number, one in known.items()}
            options = words if chosen != _NEW else {**words, _NEW: "a new one"}
            segments.listed("Experiment", EXPERIMENT, options, chosen, 420)
            st.button("New experiment", key="new-experiment", icon=":material/add:", on_click=compose)
    address.settle(EXPERIMENT, chosen, default=first)
    return known.get(chosen)


def compose() -> None:
    """For callbacks: set up a new one."""
    address.choose(EXPERIMENT, _NEW)


def look_at(number: int | None) -> None:
    """For callbacks: look at an experiment, or at the newest."""
    address.choose(EXPERIMENT, number)


def _called(store: RunStore, one: KeptExperiment) -> str:
    status = experiments.status(store, one.id)
    return f"{one.name} ({worded(status)})"


def worded(status: str) -> str:
    """The status of an experiment's job as people read it."""
    return "at work" if status == RUNNING else STATUS_WORDS.get(status, status)
