"""A model that decides by whole classes: there is no sum over concepts to read, and this can be looked at instead."""

from __future__ import annotations

import streamlit as st

from engine.exhibits.case import Case
from engine.runs.catalog import catalog
from pages.ui import address, panels
from pages.ui.picture import choices
from pages.ui.picture.case import SharedCase


def learns_concepts(case: Case) -> bool:
    """Whether the rows of the model stand for concepts."""
    return bool(catalog()[case.lab.config.method].learns_concepts)


def show(case: SharedCase) -> None:
    """What stands in place of the bars."""
    info = catalog()[case.lab.config.method]
    note = f"No concepts lie between a picture and its answer, so there are no bars to read. {info.summary}"
    headline = f"{info.title} decides by whole classes"
    with panels.panel("whole-classes", headline, note), st.container(horizontal=True, key="whole-ways"):
        _way("Where it sees the class", choices.WHERE, ":material/visibility:")
        _way("The picture in words", choices.WORDS, ":material/notes:")
        st.page_link("pages/attack.py", label="What fools it", icon=":material/bolt:")


def _way(label: str, tab: str, icon: str) -> None:
    st.button(label, key=f"whole-{tab}", icon=icon, on_click=address.choose, args=(choices.TAB, tab))
