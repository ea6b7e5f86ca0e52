"""What if: the picture's concepts set by hand, or the bird itself drawn again with one thing changed."""

from __future__ import annotations

import streamlit as st

from engine.runs.catalog import catalog
from pages.ui import segments
from pages.ui.context import Context
from pages.ui.picture import change, choices, tabs
from pages.ui.picture.case import SharedCase

CONCEPTS, BIRD, LEAST = "concepts", "bird", "least"
_LABELS = {CONCEPTS: "Its concepts", BIRD: "The bird itself", LEAST: "The least"}


def show(here: Context, case: SharedCase) -> None:
    """What can be changed of this picture; the choice only where there is one."""
    if not (possible := _possible(here, case)):
        _nothing(case)
        return
    labels = {name: _LABELS[name] for name in possible}
    how = segments.choose("Change", choices.HOW, labels, hidden=True) if len(labels) > 1 else possible[0]
    if how == BIRD:
        from pages.ui.picture import surgery

        surgery.show(case)
    elif how == CONCEPTS:
        from pages.ui.picture import set_concepts

        set_concepts.show(case)
    else:
        tabs.beside(case, change.flip)


def _possible(here: Context, case: SharedCase) -> list[str]:
    assert here.view is not None  # the page has checked
    has_concepts, drawn = here.view.concept_metrics(case.moment) is not None, case.subject.bird is not None
    return [name for name, can in ((CONCEPTS, has_concepts), (BIRD, drawn), (LEAST, has_concepts)) if can]


def _nothing(case: SharedCase) -> None:
    title = catalog()[case.lab.config.method].title
    st.caption(
        f"{title} compares pictures with whole classes and has no concepts to set, and a photograph cannot be drawn "
        "again. Choose a run of a concept method above."
    )
    st.page_link("pages/run.py", label="Train a model with concepts", icon=":material/school:")
