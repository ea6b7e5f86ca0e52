"""Known words in a text, made links to the Help drawer, which `pages/ui/help.py` opens on the page where one is."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import streamlit as st

from engine.glossary import TERMS
from pages.ui.text import safe

HELP, TERM, OPEN = "help", "term", "open"
"""Keys in the address: whether the drawer is open, and at which entry; and the value that opens it."""
_MET = "words-met"
"""Session: keys of the words and numbers that the page drawn last explains, in the order of the page."""


def linked(text: str, told: set[str] | None = None) -> str:
    """A text as HTML, escaped, in which the first occurrence of every known word leads to what it means.

    Args:
        told: terms that need no link any more; those linked now are added to it.
    """
    told = set() if told is None else told
    keys, pattern = _known()
    parts, at = [], 0
    for found in pattern.finditer(text):
        key = keys[found[0].casefold()]
        if key not in told:
            told.add(key)
            parts += [safe(text[at : found.start()]), link(key, found[0])]
            at = found.end()
    return "".join([*parts, safe(text[at:])])


def link(key: str, words: str) -> str:
    """A link to an entry, in HTML; without a key to all of them. Opened by the browser itself it stands beside."""
    where = f"?{HELP}={OPEN}" + (f"&{TERM}={key}" if key else "")
    return f"<a class='plg-word' href='{safe(where)}' target='_blank'>{safe(words)}</a>"


def begin() -> None:
    """A page is about to be drawn: nothing is explained on it yet."""
    st.session_state[_MET] = {}


def meet(keys: Iterable[str]) -> None:
    """The page explains these."""
    st.session_state.setdefault(_MET, {}).update(dict.fromkeys(keys))


def met() -> list[str]:
    """What the page explains so far."""
    return list(st.session_state.get(_MET, {}))


@lru_cache(maxsize=1)
def _known() -> tuple[dict[str, str], re.Pattern[str]]:
    """Terms by every word that leads to them, and a pattern of all words; the longest that fits is found."""
    keys = {word.casefold(): term.key for term in TERMS.values() for word in (term.title, *term.aka)}
    words = "|".join(re.escape(word) for word in sorted(keys, key=lambda word: (-len(word), word)))
    return keys, re.compile(rf"(?<![\w-])(?:{words})(?![\w-])", re.IGNORECASE)
