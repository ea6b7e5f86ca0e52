"""Intervene: tell the model what is there, concept by concept; change its weights; and see what clicks are worth."""

from __future__ import annotations

import streamlit as st

from pages.ui import context, firstly, segments, setup, shell
from pages.ui.text import title

shell.guard()

_VIEW = "view"  # key of the part of the page in the address
_VIEWS = {"image": "One image", "model": "The model", "curves": "Curves"}
_TITLES = {
    "image": ("Tell the model what is there", "Set a concept of one image and see at once what the model makes of it."),
    "model": ("Change what the model has learnt", "Edit its weights, and see what that corrects and what it breaks."),
    "curves": (
        "What a click is worth",
        "A person answers, concept by concept; accuracy is measured after each answer.",
    ),
}


def body(here: context.Context) -> None:
    """One of three views; words before anything that takes long."""
    view = setup.ready(
        here,
        "Nothing has been learnt yet",
        "Here you correct a model, concept by concept. Train one first.",
        "There is a model after the first task.",
    )
    if view is None or here.moment is None:
        return
    if view.concept_metrics(here.moment) is None:
        title("This model has no concepts to set", _without_concepts(view.config.method))
        st.page_link("pages/run.py", label="Train a model with concepts", icon=":material/school:")
        return
    chosen = segments.choose("Intervene on", _VIEW, _VIEWS, hidden=True)
    title(*_TITLES[chosen])
    firstly.text()
    if chosen == "image":
        from pages.ui.intervene import one

        one.show(here)
    elif chosen == "model":
        from pages.ui.intervene import model

        model.show(here)
    else:
        from pages.ui.intervene import curves

        curves.show(here)


def _without_concepts(method: str) -> str:
    return (
        f"The method {method} compares images with whole classes: the rows of its model are classes, not concepts. "
        "Choose a run of another method above."
    )


shell.show(body)
