"""The definition of every number, one click away."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from engine.metrics.definitions import DEFINITIONS
from pages.ui.text import safe


def popover(terms: Sequence[str], key: str) -> None:
    """A button that opens the definitions of some metrics."""
    with st.popover("Meaning", icon=":material/menu_book:", type="tertiary", key=f"terms-{key}"):
        st.html("".join(_entry(term) for term in terms))


def _entry(term: str) -> str:
    found = DEFINITIONS[term]
    better = {True: "Higher is better.", False: "Lower is better.", None: ""}[found.higher_is_better]
    return (
        f"<div class='pl-term'><strong>{safe(found.title)}</strong><p>{safe(found.text)} {better}</p>"
        f"<code>{safe(found.formula)}</code><small>{safe(found.source)}</small></div>"
    )
