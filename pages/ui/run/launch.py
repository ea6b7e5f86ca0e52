"""The start of a run that was set up on a page: the long look at its data first, then the run itself."""

from __future__ import annotations

import time

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.data.sources.base import Source
from engine.errors import PlumageError
from engine.jobs import control
from engine.runs.config import RunConfig
from engine.runs.watch import WatchSettings
from engine.training.preflight import Problem, preflight
from pages.ui import context, notices

_TRIED, _FOUND = "form-tried", "form-found"
"""Session: whether the reader has pressed Start; what the long look found, and of which config."""
_DRAWN = 0.1
"""Seconds between two drawings of how far the look is."""


def start(config: RunConfig, name: str, slot: DeltaGenerator, watch: WatchSettings | None = None) -> bool:
    """Take the long look, at every picture, then start the run and choose it. What is wrong with it is remembered for
    `found_of`, and the run is not made.

    Args:
        slot: an `st.empty` for how far the look is.

    Returns whether it was started.
    """
    found = preflight(config, _Looking(slot))
    slot.empty()
    if found is not None:
        st.session_state[_FOUND] = config, found
        return False
    made = notices.succeeds(lambda: context.select(control.start(config, name=name, watch=watch or WatchSettings())))
    if made:
        forget()
    return made


def found_of(config: RunConfig) -> Problem | None:
    """What the long look found, if it is true of this config as well."""
    found: tuple[RunConfig, Problem] | None = st.session_state.get(_FOUND)
    return found[1] if found is not None and found[1].stands(found[0], config) else None


def try_it() -> None:
    """Callback of Start: from now on an empty field is wrong, too."""
    st.session_state[_TRIED] = True


def tried() -> bool:
    """Whether Start was pressed."""
    return bool(st.session_state.get(_TRIED))


def forget() -> None:
    """Begin as if nothing had been tried."""
    for key in (_TRIED, _FOUND):
        st.session_state.pop(key, None)


def whole(source: type[Source], place: str) -> str:
    """A place as the worker needs it; what is none is left as it is, for the long look to say why."""
    try:
        return source.absolute(place.strip()) if place.strip() else ""
    except PlumageError:
        return place


class _Looking:
    """Draws how far the long look is, some times a second."""

    def __init__(self, slot: DeltaGenerator) -> None:
        self._slot, self._drawn = slot, 0.0

    def __call__(self, what: str, done: int, total: int) -> None:
        now = time.monotonic()
        if total and done < total and now - self._drawn < _DRAWN:
            return
        self._drawn = now
        said = f"Looking at {what}: {done} of {total}" if total else f"Looking at {what}"
        self._slot.progress(done / total if total else 0.0, said)
