"""What a chart shows and what its numbers mean, one click away."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.exhibits.exhibit import Lesson
from engine.metrics.definitions import DEFINITIONS
from pages.ui.text import safe

_HEADINGS = {
    "what": "What it shows",
    "why": "Why it matters",
    "reading": "How to read it",
    "caveats": "What it does not say",
}


def popover(terms: Sequence[str], key: str, lesson: Lesson | None = None) -> None:
    """A button that opens the lesson of a chart and the definitions of its metrics."""
    label = "Explain this" if lesson else "Meaning"
    with st.popover(label, icon=":material/menu_book:", type="tertiary", key=f"terms-{key}"):
        st.html(_lesson(lesson) + "".join(_entry(term) for term in terms))


def _lesson(lesson: Lesson | None) -> str:
    if lesson is None:
        return ""
    parts = "".join(f"<dt>{head}</dt><dd>{safe(getattr(lesson, name))}</dd>" for name, head in _HEADINGS.items())
    return f"<dl class='pl-lesson'>{parts}</dl>"


def _entry(term: str) -> str:
    found = DEFINITIONS[term]
    better = {True: "Higher is better.", False: "Lower is better.", None: ""}[found.higher_is_better]
    return (
        f"<div class='pl-term'><strong>{safe(found.title)}</strong><p>{safe(found.text)} {better}</p>"
        f"<code>{safe(found.formula)}</code><small>{safe(found.source)}</small></div>"
    )
