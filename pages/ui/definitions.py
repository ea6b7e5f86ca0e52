"""What a chart shows and what its numbers mean, one click away; every word in it leads to the glossary."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.exhibits import lessons
from engine.exhibits.exhibit import Lesson
from engine.metrics.definitions import DEFINITIONS
from pages.ui.text import safe
from pages.ui.words import GLOSSARY, link, linked

_ALL = f"<p class='plg-all'><a href='{GLOSSARY}' target='_blank'>All words and numbers, explained</a></p>"


def popover(terms: Sequence[str], key: str, lesson: Lesson | None = None, caption: str = "") -> None:
    """A button that opens what a chart draws, its lesson and the definitions of its metrics."""
    label = "Explain this" if lesson else "Meaning"
    with st.popover(label, icon=":material/menu_book:", type="tertiary", key=f"terms-{key}"):
        drawn = f"<p>{safe(caption)}.</p>" if caption else ""
        meant = "".join(entry(term, link(term, DEFINITIONS[term].title)) for term in terms)
        st.html(drawn + _lesson(lesson) + meant + _ALL)


def entry(term: str, heading: str) -> str:
    """A definition of a metric, in HTML.

    Args:
        heading: its title, in HTML.
    """
    return lessons.definition(DEFINITIONS[term], f"<strong>{heading}</strong>")


def _lesson(lesson: Lesson | None) -> str:
    if lesson is None:
        return ""
    told: set[str] = set()
    return lessons.lesson(lesson, lambda text: linked(text, told))
