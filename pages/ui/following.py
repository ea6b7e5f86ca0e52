"""A page of a run that trains follows it: whenever a task has ended, the whole page is drawn anew at the newest moment,
until somebody picks an earlier one. Between tasks only two numbers are read from the store, and nothing changes."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from engine.errors import UnknownRun
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import notices
from pages.ui.reading import Reading

_TICK = 1.0
"""Seconds between two looks at a run that trains."""

Draw = Callable[[RunView], None]
Stamp = tuple[int, bool]
"""Finished tasks, and whether a worker has the run: what a page that follows it is drawn from."""


def stamp(view: RunView) -> Stamp:
    """How far the run is, to a page."""
    return view.tasks_done, view.active


def watch(view: RunView, draw: Draw, follows: bool = True) -> None:
    """Draw something, and as long as the run trains again and again, without the page around it.

    Args:
        draw: given the run as it is now.
        follows: draw the whole page anew when a task or the training has ended.
    """
    st.fragment(_look, run_every=_TICK if view.active else None)(view.id, stamp(view), draw, follows)


def line(view: RunView, picked: bool, release: Callable[[], None]) -> None:
    """Say beside the moment whether the page follows the training; nothing where nothing trains.

    Args:
        picked: somebody has chosen the moment, so the page stays at it.
        release: callback that chooses none.
    """
    if view.active:
        with st.container(width="content", key="following"):
            watch(view, (lambda now: _stays(now, release)) if picked else _follows, follows=not picked)


def _look(run: str, drawn: Stamp, draw: Draw, follows: bool) -> None:
    with notices.caught():
        try:
            view = Reading(RunStore(), run)
        except UnknownRun:  # deleted meanwhile: the page says so
            st.rerun()
        if follows and stamp(view) != drawn:
            st.rerun()
        draw(view)


def _follows(view: RunView) -> None:
    _said("Follows the training")


def _stays(view: RunView, release: Callable[[], None]) -> None:
    """Nothing once it has ended: there is nothing to follow any more."""
    if not view.active:
        return
    with st.container(horizontal=True, vertical_alignment="center", width="content", wrap=False, gap="small"):
        _said("The training goes on")
        pressed = st.button("Follow", key="follow", icon=":material/update:", type="tertiary", on_click=release)
    if pressed:
        st.rerun()


def _said(words: str) -> None:
    st.html(f"<p class='pl-follows'>{words}</p>", width="content")
