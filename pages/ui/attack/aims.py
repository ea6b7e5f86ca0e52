"""What a map looks for: a class, a concept or the reader's own words; and which maps can be made of it here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.errors import BadInput, PlumageError
from engine.exhibits.attack.aims import CONCEPT, SAID, TEXT, TRUE, Sought, sought, title
from pages.ui import address, notices, segments
from pages.ui.picture.case import SharedCase
from pages.ui.picture.whole import learns_concepts
from pages.ui.text import safe

if TYPE_CHECKING:
    from engine.explain.attention.base import AttentionMap

AIM, MAP = "aim", "map"
"""Keys in the address."""
_OWN = "Words of my own"
_LONGEST = 200
_WORDS = "aim-words"


def options(case: SharedCase) -> dict[str, str]:
    """What can be looked for, in words."""
    said = case.names[case.predicted]
    found = {TRUE: f"Its class: {case.names[case.true]}"} if case.true is not None else {}
    if case.true != case.predicted:
        found[SAID] = f"The answer: {said}"
    if learns_concepts(case):
        found |= {f"{CONCEPT}:{words}": words for words in case.words}
    return found | {f"{TEXT}:": _OWN}


def choose(case: SharedCase) -> Sought | None:
    """Draw the list, and the field for the reader's own words; None where the words are unknown, which is said."""
    listed = options(case)
    name = _asked(case, listed)
    shown = f"{TEXT}:" if name.startswith(f"{TEXT}:") else name
    note = "What the map looks for: a class, one of the model's concepts, or any words."
    segments.listed("Where does it see", AIM, listed, shown, 250, note)
    if shown == f"{TEXT}:":
        st.session_state[_WORDS] = name.removeprefix(f"{TEXT}:")
        st.text_input(
            "Words",
            key=_WORDS,
            max_chars=_LONGEST,
            width=220,
            on_change=_take_words,
            placeholder="for example red tail",
        )
    address.settle(AIM, name, default=next(iter(listed)))
    return _sought(case, name)


def choose_map(maps: dict[str, AttentionMap]) -> str:
    """Draw the list of possible maps and return the name of the chosen one."""
    asked, first = address.value(MAP), next(iter(maps))
    if asked is not None and asked not in maps:
        allowed = f"possible here are {', '.join(maps)}"
        notices.panel(notices.Notice(f"map {asked[:80]}", allowed, f"Here is {title(first).lower()} instead"))
    chosen = asked if asked is not None and asked in maps else first
    segments.listed("By which map", MAP, {name: title(name) for name in maps}, chosen, 200)
    address.settle(MAP, chosen, default=first)
    return chosen


def _asked(case: SharedCase, listed: dict[str, str]) -> str:
    asked, default = address.value(AIM), next(iter(listed))
    if asked is None or asked in listed or asked.startswith(f"{TEXT}:"):
        return asked or default
    if asked in (TRUE, SAID):  # the same thing for this picture, or its class is not learnt
        return SAID if SAID in listed else TRUE
    known = f"the model after task {case.moment + 1} has {len(case.words)} concepts, and not this one"
    notices.panel(notices.Notice(f"“{asked[:80]}”", known, f"Here is {listed[default]} instead"))
    return default


def _sought(case: SharedCase, name: str) -> Sought | None:
    if name == f"{TEXT}:":
        return None
    try:
        return sought(case, name)
    except BadInput as error:
        notices.panel(notices.of_error(error))
        vocabulary = case.lab.embedder.backbone.vocabulary
        if vocabulary:
            st.html(
                f"<details class='at-words'><summary>The {len(vocabulary)} words it knows</summary>"
                f"<p>{safe(', '.join(sorted(vocabulary)))}</p></details>"
            )
    except PlumageError as error:
        notices.panel(notices.of_error(error))
    return None


def _take_words() -> None:
    address.choose(AIM, f"{TEXT}:{str(st.session_state[_WORDS]).strip()}")
