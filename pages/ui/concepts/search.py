"""How the concepts were chosen: what kinds of texts the search takes, and whether another seed would take the same."""

from __future__ import annotations

import streamlit as st

from engine.exhibits.concepts import search as exhibits
from pages.ui import analysis, context, panels

_WORDS = "the search for concepts, repeated with other seeds"


def show(here: context.Context) -> None:
    """Closed until it is asked for: it searches every task several times."""
    view, moment = here.view, here.moment
    if view is None or moment is None:
        return
    box = st.expander("How steady is the choice of concepts?", key="search-box", on_change="rerun")
    if not box.open:
        return
    with box:
        result = analysis.wanted(view, view.tasks_done - 1, exhibits.ANALYSIS, words=_WORDS, auto=not view.active)
        if result is None:
            return
        left, right = st.columns(2)
        with left:
            panels.show(exhibits.kinds(result, moment), chart="search-kinds")
        with right:
            panels.show(exhibits.stability(result, moment), chart="search-stability")
