"""Rules: what the model answers as a few rules about its concepts, and how often they are right about it."""

from __future__ import annotations

import streamlit as st

from engine.exhibits.concepts import rules as exhibits
from pages.ui import analysis, context, panels, segments
from pages.ui.concepts import reading

_WORDS = "rules about this model's answers"


def show(here: context.Context) -> None:
    """Both kinds, one at a time: a class chosen above shows its own."""
    view, moment = here.view, here.moment
    if view is None or moment is None:
        return
    found = analysis.wanted(view, moment, exhibits.ANALYSIS, words=_WORDS)
    if found is None:
        return
    known, seen = reading.history(view, moment)[-1], view.class_ids_seen(moment)
    with st.container(horizontal=True, key="rules-choices"):
        which = segments.choose("Rules", "rules", exhibits.TITLES, hidden=True)
        split = segments.split(view)
    names = [view.class_names[i] for i in seen]
    position = None if here.class_id is None else seen.index(here.class_id)
    panels.show(exhibits.exhibit(found, which, known.text, names, split, position))
