"""One click to something worth comparing with: the same run with one thing changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from engine.jobs import control
from engine.runs.config import RunConfig
from engine.store.view import RunView
from pages.ui import address, notices
from pages.ui.context import Context
from pages.ui.tasks.choosing import RUNS
from pages.ui.text import unmarked

_OFFERS: Mapping[str, tuple[str, str, Callable[[RunConfig], RunConfig]]] = {
    "seed": ("Another seed", "the same once more, drawn otherwise", lambda c: c.changed(seed=c.seed + 1)),
    "finetune": ("Without memory", "the lower bound: finetune", lambda c: c.changed(method="finetune")),
    "ncm": ("Without concepts", "nearest class mean", lambda c: c.changed(method="ncm")),
    "joint": ("With all data at once", "the upper bound: joint", lambda c: c.changed(method="joint")),
}
"""Label, note, and what changes."""


def offers(here: Context) -> None:
    """Buttons that train the chosen run again with one thing changed."""
    if here.view is None:
        return
    st.caption(f"Train {unmarked(here.view.name or here.view.id)} again with one thing changed:")
    with st.container(horizontal=True, key="compare-offers"):
        for key, (label, note, change) in _OFFERS.items():
            st.button(label, key=f"offer-{key}", help=note, on_click=_start, args=(here.view, label, change))


def _start(view: RunView, label: str, change: Callable[[RunConfig], RunConfig]) -> None:
    def go() -> None:
        name = f"{view.name or view.id}: {label.lower()}"
        started = control.start(change(view.config), name=name)
        address.choose(RUNS, f"{view.id}")
        notices.add(notices.Notice(f"Training “{name}”", f"run {started}", "Add it above once its first task is done"))

    notices.attempt(go)
