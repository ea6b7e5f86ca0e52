"""Dropping the models after earlier tasks of runs: the button, and behind it what goes and what that loses."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

from engine.store import thinning
from engine.store.store import RunStore
from pages.ui import notices
from pages.ui.tagging import counted
from pages.ui.text import size, unmarked

_MOST_REASONS = 3
"""Runs that are named with why they stay as they are; more are counted."""


def draw(
    store: RunStore, key: str, runs: Callable[[], Sequence[str]], kind: Literal["secondary", "tertiary"] = "secondary"
) -> None:
    """Draw the button.

    Args:
        key: of the button.
        runs: asked for the ids once it is open.
    """
    drawer = st.popover("Thin", icon=":material/compress:", type=kind, key=key, on_change="rerun")
    if drawer.open:
        with drawer:
            _choice(store, key, runs())


def _choice(store: RunStore, key: str, runs: Sequence[str]) -> None:
    """What goes, of the runs that can be thinned; the others stay as they are."""
    st.markdown("Every run keeps a model after each task. To free disk, drop those after earlier tasks.")
    every = st.number_input(
        "Keep a model every … tasks", 0, key=f"{key}-every", help="0: only the last. Those with edits stay in any case."
    )
    plans, refused = thinning.plans(store, runs, int(every))
    for error in refused[:_MOST_REASONS]:
        st.caption(unmarked(f"{error.given.capitalize()}: {error.allowed}."))
    if len(refused) > _MOST_REASONS:
        st.caption(f"{len(refused) - _MOST_REASONS} more cannot be thinned.")
    if not plans:
        return
    count = sum(len(one.dropped) for one in plans)
    models, frees = "1 model" if count == 1 else f"{count:,} models", size(sum(one.size for one in plans))
    st.markdown(f"**{models} of {counted(len(plans))} would go, which frees {frees}.** Lost would be:")
    st.markdown("\n".join(f"- {what}" for what in thinning.LOST))
    st.markdown(f"{thinning.KEPT} It cannot be undone.")
    chosen = [one.run for one in plans]
    st.button(
        f"Delete {models} for good", key=f"{key}-now", type="primary", on_click=_thin, args=(store, chosen, every)
    )


def _thin(store: RunStore, runs: Sequence[str], every: int) -> None:
    def act() -> None:
        for run in runs:
            thinning.thin(store, run, every)

    notices.attempt(act)
