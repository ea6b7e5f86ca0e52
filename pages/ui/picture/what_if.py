"""What if: the picture's concepts set by hand, or the bird itself drawn again with one thing changed."""

from __future__ import annotations

import streamlit as st

from engine.runs.catalog import catalog
from pages.ui import segments
from pages.ui.context import Context
from pages.ui.picture import change
from pages.ui.picture.case import SharedCase

HOW = "how"
"""Key in the address: what is changed."""
CONCEPTS, BIRD = "concepts", "bird"
_LABELS = {CONCEPTS: "Its concepts", BIRD: "The bird itself"}


def show(here: Context, case: SharedCase) -> None:
    """What can be changed of this picture; the choice only where there is one."""
    possible = {name: _LABELS[name] for name in _possible(here, case)}
    if not possible:
        _nothing(case)
        return
    how = segments.choose("Change", HOW, possible, hidden=True) if len(possible) > 1 else next(iter(possible))
    if how == BIRD:
        from pages.ui.picture import surgery

        surgery.show(case)
    else:
        from pages.ui.picture import set_concepts

        set_concepts.show(case)
        change.flip(case)


def _possible(here: Context, case: SharedCase) -> list[str]:
    assert here.view is not None  # the page has checked
    has_concepts = here.view.concept_metrics(case.moment) is not None
    return [name for name, can in ((CONCEPTS, has_concepts), (BIRD, case.subject.bird is not None)) if can]


def _nothing(case: SharedCase) -> None:
    title = catalog()[case.lab.config.method].title
    st.caption(
        f"{title} compares pictures with whole classes and has no concepts to set, and a photograph cannot be drawn "
        "again. Choose a run of a concept method above."
    )
    st.page_link("pages/train.py", label="Train a model with concepts", icon=":material/school:")
