"""Concepts: what the model's concepts are, how each fared through the tasks, what they weigh, and where they lie."""

from __future__ import annotations

import streamlit as st

from engine.store.view import RunView
from pages.ui import context, segments, setup, shell
from pages.ui.concepts import beside, choices, control, marks, past_concepts, search
from pages.ui.text import title

shell.guard()

_VIEWS = {
    "browse": "Browse",
    "timeline": "Timeline",
    "weights": "Weights",
    "rules": "Rules",
    "words": "Words",
    "map": "Map",
}
_ANY = ("browse", "words", "map")
"""Views that a run without concepts has too; the first says why it has no others."""
_MARK = {"mark": "Mark"}
"""One more, where nobody knows which concepts are true of the pictures."""
_TITLES = {
    "weights": (
        "What speaks for which class",
        "Every weight of the model: blue speaks for a class, orange against.",
    ),
    "rules": (
        "What it answers, as rules",
        "A few rules about concepts, held against the model's own answers.",
    ),
    "words": (
        "What the classes look like, in words",
        "What the backbone sees in each class, before any method learns from it.",
    ),
    "map": ("Which images lie close together", ""),
}
"""Headings of the views that name no finding of their own."""


def body(here: context.Context) -> None:
    """One of the views, with the random-word control above those that tell of concepts."""
    view = setup.ready(
        here,
        "No concepts have been learnt yet",
        "This page shows the concepts of a run. Train one first.",
        "Its first concepts appear after the first task.",
    )
    moment = here.moment
    if view is None or moment is None:
        return
    learns = view.concept_metrics(moment) is not None
    views = _views(view) if learns else {key: _VIEWS[key] for key in _ANY}
    chosen = segments.choose("View", choices.VIEW, views, hidden=True)
    if learns and chosen not in _MARK:
        past_concepts.show(here)
        control.show(here)
        search.show(here)
        beside.show(here)
    elif not learns and chosen == "browse":
        _without_concepts()
        return
    if chosen in _TITLES:
        title(*_TITLES[chosen])
    _show(chosen, here)


def _views(view: RunView) -> dict[str, str]:
    return _VIEWS | _MARK if marks.takes(view) else _VIEWS


def _show(chosen: str, here: context.Context) -> None:
    """The views import what they need when they are shown: some bring torch."""
    if chosen == "timeline":
        from pages.ui.concepts import timeline as page
    elif chosen == "weights":
        from pages.ui.concepts import weights as page  # type: ignore[no-redef]
    elif chosen == "rules":
        from pages.ui.concepts import rules as page  # type: ignore[no-redef]
    elif chosen == "words":
        from pages.ui.concepts import words as page  # type: ignore[no-redef]
    elif chosen == "map":
        from pages.ui.concepts import embedding as page  # type: ignore[no-redef]
    elif chosen == "mark":
        from pages.ui.concepts import marking as page  # type: ignore[no-redef]
    else:
        from pages.ui.concepts import browse as page  # type: ignore[no-redef]
    page.show(here)


def _without_concepts() -> None:
    title(
        "This run has no concepts",
        "Its method decides by whole classes: the rows of its model are class prototypes or names, not concepts. "
        "Train a method with a concept bottleneck on the same data, for example CLG-CBM, and look here again. The "
        "words of its classes and the map of images need no concepts.",
    )
    st.button("Set up a run with concepts", key="with-concepts", type="primary", on_click=context.compose)
    if st.session_state.get(context.COMPOSING):
        st.switch_page("pages/run.py")


shell.show(body)
