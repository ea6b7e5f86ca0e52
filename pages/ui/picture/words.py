"""One picture in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.exhibits.missing import Missing
from engine.exhibits.picture import words as exhibits
from pages.ui import analysis, panels
from pages.ui.picture.case import SharedCase
from pages.ui.text import unmarked

if TYPE_CHECKING:
    from engine.explain.splice import Dictionary

_WORDS = "words that the backbone knows"


def show(case: SharedCase) -> None:
    """The words, once they have been embedded for this run."""
    found = analysis.wanted(case.lab.view, case.moment, exhibits.ANALYSIS, words=_WORDS)
    if found is None:
        return
    shown = exhibits.exhibit(case, _dictionary(case.lab.view.id, case.moment, case, tuple(found["words"].tolist())))
    if isinstance(shown, Missing):
        st.caption(unmarked(f"{shown.headline}: {shown.why}."))
        return
    panels.show(shown, shown.caption)


@st.cache_resource(show_spinner=False, max_entries=16)
def _dictionary(run: str, moment: int, _case: SharedCase, _words: tuple[str, ...]) -> Dictionary:
    from engine.session.dictionary import open_dictionary

    return open_dictionary(_case.lab, moment, _words)
