"""The slides of a run, made once for all readers: the one asked for now, the others ahead of time in the background."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING

import streamlit as st

from engine.home import home
from engine.jobs.analyses import Analyses
from engine.session.facts import RunFacts
from engine.slides import decks
from engine.slides.base import SLIDES, Slide
from engine.slides.live import Live
from engine.store.store import RunStore

if TYPE_CHECKING:
    from engine.exhibits.attack.scene import Scene


class Prepared:
    """The slides of a run at a moment. May be used from several threads; nothing here speaks to Streamlit."""

    def __init__(self, facts: RunFacts) -> None:
        self.facts = facts
        self.tried: dict[Live, Scene] = {}
        """Attacks that were run, by what was attacked."""
        self._made: dict[str, Slide] = {}
        self._told: dict[str, tuple[str, ...]] = {}
        self._locks: dict[str, threading.Lock] = {}
        self._guard = threading.Lock()
        self._pool = ThreadPoolExecutor(1, "slides")
        self._busy = False

    def told(self, deck: str) -> tuple[str, ...]:
        """Names of the slides of a deck that this run can have, looked up once."""
        if deck not in self._told:
            self._told[deck] = decks.told(deck, self.facts)
        return self._told[deck]

    def why_not(self, deck: str) -> str | None:
        """Why this run cannot tell a story at all, or None."""
        return None if self.told(deck) else decks.why_not(deck, self.facts)

    def ready(self, name: str) -> bool:
        """Whether a slide can be had at once."""
        return name in self._made

    def get(self, name: str) -> Slide:
        """A slide, made if it is not there yet.

        Raises:
            PlumageError: it cannot be made.
        """
        with self._guard:
            lock = self._locks.setdefault(name, threading.Lock())
        with lock:
            if name not in self._made:
                self._made[name] = SLIDES.get(name)().make(self.facts)
            return self._made[name]

    def ahead(self, names: Sequence[str]) -> None:
        """Make these in the background, in this order, unless that is under way."""
        missing = [name for name in names if not self.ready(name)]
        with self._guard:
            if missing and not self._busy:
                self._busy = True
                self._pool.submit(self._make, missing)

    def _make(self, names: Sequence[str]) -> None:
        """One slide, then the next: a server that ends waits for one only."""
        with suppress(Exception):  # said when the slide is asked for
            self.get(names[0])
        try:
            self._pool.submit(self._make, names[1:]) if names[1:] else self._done()
        except RuntimeError:  # the server ends
            self._done()

    def _done(self) -> None:
        with self._guard:
            self._busy = False


def of(run: str, moment: int) -> Prepared:
    """The slides of a run after a task; anew when an analysis or a twin has come since."""
    store = RunStore()
    robust = Analyses(store).asked(run, moment, "robustness")
    known = tuple(state.status for _, state in robust), tuple((r.id, r.tasks_done) for r in store.runs())
    return _prepared(str(home()), run, moment, known)


@st.cache_resource(show_spinner=False, max_entries=4)
def _prepared(where: str, run: str, moment: int, known: tuple[object, ...]) -> Prepared:
    return Prepared(RunFacts(RunStore(), run, moment))
