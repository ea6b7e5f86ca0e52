"""Attack: what a small change of the pixels does to the answers and to where the model looks: one picture, or all."""

from __future__ import annotations

import streamlit as st

from pages.ui import context, setup, shell
from pages.ui.attack import concepts, examples, parts_of

shell.guard()


def body(here: context.Context) -> None:
    """The menu, and the part that is open; nothing else is computed."""
    concepts.lead()
    examples.to_top()
    view = setup.ready(
        here,
        "No model to attack yet",
        "This page changes pictures a little, measures how visible that is, and shows what it does to the answers and "
        "to where the model looks. Train a model first.",
        "There is a model to attack after the first task.",
    )
    if view is None or here.moment is None:
        return
    with st.container(horizontal=True, key="attack-tabs"):
        tab, part = parts_of.choose()
    if tab == parts_of.ALL:
        from pages.ui.attack import all_pictures

        all_pictures.show(here, part)
    else:
        from pages.ui.attack import one_picture

        one_picture.show(here, part)


shell.show(body)
