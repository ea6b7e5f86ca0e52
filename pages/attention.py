"""Attention: one picture, attacked: what a small change does to the answer and to where the model looks."""

from __future__ import annotations

import streamlit as st

from pages.ui import context, firstly, laboratory, setup, shell
from pages.ui.attention import choosing, table
from pages.ui.picture.case import SharedCase
from pages.ui.text import title

shell.guard()


def body(here: context.Context) -> None:
    """The picture, the attack, and everything it did."""
    view = setup.ready(
        here,
        "No model to attack yet",
        "This page changes a picture a little, measures how visible that is, and shows what that does to the model's "
        "answer and to where it looks. Train a model first.",
        "There is a model to attack after the first task.",
    )
    if view is None or here.moment is None:
        return
    left, right = st.columns([3, 1], vertical_alignment="center")
    with left:
        title(
            "Fool it, and see where it looks",
            "An attack changes the pixels of a picture a little, until the model takes it for something else.",
        )
    firstly.text()
    lab = laboratory.open(view, here.moment)
    with right:
        chosen = choosing.choose(here, lab)
    if chosen is None:
        st.caption("Choose a picture above. Everything below is about it.")
        return
    st.fragment(table.show)(SharedCase(lab, here.moment, chosen))


shell.show(body)
