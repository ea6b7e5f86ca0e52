"""Intervene: tell the model what is there, concept by concept; change its weights; and see what clicks are worth."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import streamlit as st

from pages.ui import address, context, firstly, setup, shell
from pages.ui.text import title

shell.guard()

_STYLE = Path(__file__).resolve().parents[1] / "assets" / "intervene.css"
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
    view = here.view
    if view is None:
        title("Nothing has been learnt yet", "Here you correct a model, concept by concept. Train one first.")
        setup.demo_button()
        return
    if here.moment is None:
        title("No task is finished yet", f"This run is {view.status}. There is a model after the first task.")
        st.page_link("pages/train.py", label="Look at it on the Train page", icon=":material/school:")
        return
    if view.concept_metrics(here.moment) is None:
        title("This model has no concepts to set", _without_concepts(view.config.method))
        st.page_link("pages/train.py", label="Train a model with concepts", icon=":material/school:")
        return
    chosen = _view()
    title(*_TITLES[chosen])
    firstly.text()
    st.html(f"<style>{_style()}</style>")
    if chosen == "image":
        from pages.ui.intervene import one

        one.show(here)
    elif chosen == "model":
        from pages.ui.intervene import model

        model.show(here)
    else:
        from pages.ui.intervene import curves

        curves.show(here)


def _view() -> str:
    asked, widget = address.value(_VIEW), f"{_VIEW}-choice"
    chosen = asked if asked in _VIEWS else "image"
    st.session_state[widget] = chosen
    st.segmented_control(
        "Intervene on",
        list(_VIEWS),
        required=True,
        format_func=lambda name: _VIEWS[name],
        key=widget,
        label_visibility="collapsed",
        on_change=address.take,
        args=(_VIEW, widget),
    )
    address.settle(_VIEW, chosen, default="image")
    return chosen


def _without_concepts(method: str) -> str:
    return (
        f"The method {method} compares images with whole classes: the rows of its model are classes, not concepts. "
        "Choose a run of another method above."
    )


@lru_cache(maxsize=1)
def _style() -> str:
    return _STYLE.read_text(encoding="utf-8")


shell.show(body)
