"""Concepts: what the model's concepts are, how each fared through the tasks, what they weigh, and where they lie."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui import context, setup, shell
from pages.ui.concepts import choices, control
from pages.ui.text import title

shell.guard()

_VIEWS = {"browse": "Browse", "timeline": "Timeline", "weights": "Weights", "map": "Map"}
_TITLES = {
    "weights": (
        "What speaks for which class",
        "Every weight of the model: blue speaks for a class, orange against.",
    ),
    "map": ("Which images lie close together", "All test images by what the backbone sees in them, laid flat."),
}
"""Headings of the views that name no finding of their own."""
_STYLE = Path(__file__).resolve().parents[1] / "assets" / "concepts.css"


def body(here: context.Context) -> None:
    """One of four views, with the random-word control above it."""
    view, moment = here.view, here.moment
    if view is None:
        title("No concepts have been learnt yet", "This page shows the concepts of a run. Train one first.")
        setup.demo_button()
        return
    if moment is None:
        title("No task is finished yet", f"This run is {view.status}. Its first concepts appear after the first task.")
        st.page_link("pages/train.py", label="Look at it on the Train page", icon=":material/school:")
        return
    st.html(_STYLE)
    learns = view.concept_metrics(moment) is not None
    views = _VIEWS if learns else {key: _VIEWS[key] for key in ("browse", "map")}
    chosen = choices.segmented("View", choices.VIEW, views, hidden=True)
    if learns:
        control.show(here)
    elif chosen == "browse":
        _without_concepts()
        return
    if chosen in _TITLES:
        title(*_TITLES[chosen])
    _show(chosen, here)


def _show(chosen: str, here: context.Context) -> None:
    """The views import what they need when they are shown: some bring torch."""
    if chosen == "timeline":
        from pages.ui.concepts import timeline as page
    elif chosen == "weights":
        from pages.ui.concepts import weights as page  # type: ignore[no-redef]
    elif chosen == "map":
        from pages.ui.concepts import embedding as page  # type: ignore[no-redef]
    else:
        from pages.ui.concepts import browse as page  # type: ignore[no-redef]
    page.show(here)


def _without_concepts() -> None:
    title(
        "This run has no concepts",
        "Its method decides by whole classes: the rows of its model are class prototypes or names, not concepts. "
        "Train a method with a concept bottleneck on the same data, for example CLG-CBM, and look here again. The map "
        "of images needs no concepts.",
    )
    st.button("Set up a run with concepts", key="with-concepts", type="primary", on_click=context.compose)
    if st.session_state.get(context.COMPOSING):
        st.switch_page("pages/train.py")


shell.show(body)
