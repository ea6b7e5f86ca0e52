"""A longer look on a page: its result if it is there, else its progress. A process of its own works; no page waits."""

from __future__ import annotations

import streamlit as st

from engine.jobs.analyses import Analyses, AnalysisState, Question, Result, Settings
from engine.store.states import LIVE
from engine.store.store import RunStore
from engine.store.view import RunView
from pages.ui import context, notices
from pages.ui.text import duration, unmarked

_TICK = 0.7
"""Seconds between two looks at its progress."""
_FINISHED = "finished"
_BROKEN = {"failed": "Try again", "damaged": "Compute it again"}


def wanted(
    view: RunView, task: int, name: str, settings: Settings | None = None, words: str = "", auto: bool = True
) -> Result | None:
    """The result of an analysis, or None after drawing how far it is.

    Args:
        task: the snapshot it is about.
        words: what is being computed, to the reader ("the strongest images of every concept").
        auto: start it by itself; else offer a button. On a page that follows a training only a button starts it: the
            page is about another model soon, and the training needs the processor.
    """
    question = Question(view.id, task, name, dict(settings or {}))
    found = Analyses(RunStore()).intact(question)
    if found is None:
        _Waiting(question, words or name.replace("_", " "), auto, context.follows(view)).draw()
    return found


class _Waiting:
    """An answer that is not there yet."""

    def __init__(self, question: Question, words: str, auto: bool, follows: bool = False) -> None:
        self._question, self._words, self._follows = question, words, follows
        self._auto, self._later = auto and not follows, auto and follows
        self._key = f"{question.name}-{abs(hash(question.key))}"

    def draw(self) -> None:
        """Start it if it was never asked for, and watch it while it is at work."""
        state = Analyses(RunStore()).state(self._question)
        if state is None and self._auto:
            notices.attempt(self._request)
            state = Analyses(RunStore()).state(self._question)
        at_work = state is not None and state.status in LIVE
        st.fragment(self._look, run_every=_TICK if at_work else None)(at_work)

    def _look(self, at_work: bool) -> None:
        state = Analyses(RunStore()).state(self._question)
        if state is not None and (state.status == _FINISHED or (state.status in LIVE) != at_work):
            st.rerun()
        with st.container(border=True, key=f"waiting-{self._key}"):
            if state is not None and state.status in LIVE:
                self._progress(state)
            else:
                self._offer(state)

    def _progress(self, state: AnalysisState) -> None:
        left = f", about {duration(state.seconds_left)} left" if state.seconds_left is not None else ""
        share = state.done / state.total if state.total else 0.0
        said = self._waits() or f"Computing {self._words}: {state.word or 'starting'}{left}"
        with st.container(horizontal=True, vertical_alignment="center"):
            st.progress(min(share, 1.0), unmarked(said))
            st.button("Cancel", key=f"cancel-{self._key}", on_click=self._cancel, type="tertiary")

    def _waits(self) -> str | None:
        """What it waits for, where the machine has no room for it yet."""
        place = Analyses(RunStore()).waits(self._question)
        return f"{self._words[:1].upper()}{self._words[1:]}: {place.words}" if place else None

    def _offer(self, state: AnalysisState | None) -> None:
        said = {"": "Not computed yet", "stopped": "Cancelled", "interrupted": "Its process ended too early"}
        status = state.status if state else ""
        if state is not None and state.status in _BROKEN:
            notices.panel(notices.Notice(f"No {self._words}", state.error or "no reason was left", _BROKEN[status]))
        else:
            later = " By itself it waits for the run to end." if self._later and not status else ""
            st.caption(unmarked(f"{said.get(status, status)}: {self._words}.{later}"))
        label = "Compute" if state is None else "Try again"
        st.button(label, key=f"ask-{self._key}", on_click=notices.attempt, args=(self._ask,))

    def _ask(self) -> None:
        """Callback: somebody asks, and looks at this moment from now on."""
        self._request()
        if self._follows:
            context.point_at(self._question.task, None)

    def _request(self) -> None:
        Analyses(RunStore()).request(self._question)

    def _cancel(self) -> None:
        notices.attempt(lambda: Analyses(RunStore()).cancel(self._question))
