"""The tabs beside the answer: which is open stands in the address, and only that one is computed and drawn."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import streamlit as st

from engine.exhibits.picture import answer, heat, near, one, past, past_concepts, reasons, surgery, words
from engine.exhibits.picture import change as changes
from engine.exhibits.picture import maps as where
from pages.ui import address, arrival, panels, segments
from pages.ui.picture import change, choices, maps, truth, whole
from pages.ui.picture import past as history
from pages.ui.picture import reasons as bars
from pages.ui.picture import words as in_words
from pages.ui.picture.case import SharedCase

WHY, WHAT, TIME, WHERE, WORDS = "why", choices.WHAT, "time", choices.WHERE, choices.WORDS
_LABELS = {WHY: "Why", WHAT: "What if", TIME: "Over time", WHERE: "Where", WORDS: "In words"}
TITLES = {
    WHY: "Why this answer?",
    WHAT: "What would change it?",
    TIME: "What became of it?",
    WHERE: "Where does it look?",
    WORDS: "What is there to see?",
}
_SHOWN_IN: Mapping[str, str] = {
    kind.name: tab
    for tab, kinds in {
        WHY: (answer.ANSWER, reasons.REASONS, past_concepts.BESIDE, near.NEAR),
        WHAT: (one.BEFORE_NOW, changes.FLIP, surgery.ANSWERS, surgery.BEFORE_AFTER, surgery.MOVED, heat.HEAT),
        TIME: (past.STORY, past.PARTS),
        WHERE: (where.CONCEPT_MAP,),
        WORDS: (words.WORDS,),
    }.items()
    for kind in kinds
}
"""The tab that has each kind of exhibit, for links that name one."""


def choose() -> str:
    """Draw the tabs and return the open one: the address's, else the one with the exhibit that a link leads to."""
    led = _SHOWN_IN.get(arrival.wanted() or "")
    if led is not None and address.value(choices.TAB) not in _LABELS:
        address.choose(choices.TAB, led)
    return segments.choose("About this picture", choices.TAB, _LABELS, hidden=True)


def show(case: SharedCase, tab: str) -> None:
    """The answer with the open tab beside it, and what more it has below."""
    if tab == WHY and not whole.learns_concepts(case):
        beside(case, whole.show)
        change.prototypes(case)
        return
    beside(case, _TABS[tab])
    if tab == WHY:
        left, right = st.columns(2)
        with left:
            truth.show(case, bars.asked(case))
        with right:
            change.prototypes(case)


def beside(case: SharedCase, draw: Callable[[SharedCase], None]) -> None:
    """The answer, and beside it whatever is drawn."""
    left, right = st.columns([4, 9])
    with left:
        found = answer.exhibit(case)
        panels.show(replace(found, headline=answer.short(case)), found.caption if case.is_foreign else "")
    with right:
        draw(case)


def _time(case: SharedCase) -> None:
    history.story(case)
    history.forgetting(case)
    history.turns(case)


_TABS: Mapping[str, Callable[[SharedCase], None]] = {
    WHY: bars.show,
    TIME: _time,
    WHERE: maps.show,
    WORDS: in_words.show,
}
