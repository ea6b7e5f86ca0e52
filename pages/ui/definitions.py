"""What a chart shows and what its numbers mean, one click away; every word in it opens the Help drawer."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.exhibits import lessons
from engine.exhibits.exhibit import Lesson
from engine.metrics.definitions import DEFINITIONS
from pages.ui.text import safe
from pages.ui.words import link, linked, meet

_ALL = f"<p class='plg-all'>{link('', 'All words and numbers, explained')}</p>"


def popover(terms: Sequence[str], key: str, lesson: Lesson, caption: str = "") -> None:
    """A button that opens what is drawn, its lesson and the definitions of its metrics: formula, unit and source."""
    told: set[str] = set()
    words = lessons.lesson(lesson, lambda text: linked(text, told))
    meet([*terms, *sorted(told)])
    with st.popover("Explain this", icon=":material/menu_book:", type="tertiary", key=f"terms-{key}"):
        drawn = f"<p>{safe(caption)}.</p>" if caption else ""
        meant = "".join(entry(term, link(term, DEFINITIONS[term].title)) for term in terms)
        st.html(drawn + words + meant + _ALL)


def entry(term: str, heading: str) -> str:
    """A definition of a metric, in HTML.

    Args:
        heading: its title, in HTML.
    """
    return lessons.definition(DEFINITIONS[term], f"<strong>{heading}</strong>")
