"""Picture: one picture, what the model takes it for, why, what would change that, since when, and where it looks."""

from __future__ import annotations

import streamlit as st

from pages.ui import context, firstly, laboratory, setup, shell
from pages.ui.picture import choosing, tabs, what_if
from pages.ui.picture.case import SharedCase
from pages.ui.text import title

shell.guard()


def body(here: context.Context) -> None:
    """The tabs, the picker folded away, one answer, and beside it what the open tab has to say."""
    view = setup.ready(
        here,
        "No model to show a picture to yet",
        "This page takes one picture apart: why the model says what it says, what would change its mind, since when, "
        "and where it looks. Train a model first.",
        "There is a model after the first task.",
    )
    if view is None or here.moment is None:
        return
    with st.container(horizontal=True, vertical_alignment="center", key="picture-head"):
        heading, tab = st.container(width="stretch"), tabs.choose()
        picker = st.container(horizontal=True, width="content", vertical_alignment="center")
    with heading:
        title(tabs.TITLES[tab])
    firstly.text()
    lab = laboratory.open(view, here.moment)
    with picker:
        chosen = choosing.choose(here, lab)
    if chosen is None:
        st.caption("Choose a picture above. Everything on this page is about it.")
        return
    case = SharedCase(lab, here.moment, chosen)
    if tab == tabs.WHAT:
        what_if.show(here, case)
    else:
        choosing.because(case)
        tabs.show(case, tab)


shell.show(body)
