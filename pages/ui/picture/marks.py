"""What people marked on this picture, applied with one click: each marked concept is set, and no other."""

from __future__ import annotations

import streamlit as st

from engine.errors import PlumageError
from engine.interventions.acts import ABSENT, PRESENT, Act
from pages.ui import context, notices
from pages.ui.picture.case import SharedCase
from pages.ui.picture.doings import Doings, attempted


def draw(case: SharedCase, doings: Doings) -> None:
    """The button, or where to mark; nothing where the data themselves say what a picture shows."""
    if case.lab.config.source.tells_truth:
        return
    try:
        acts = _acts(case)
    except PlumageError as error:  # a damaged mark hides nothing else
        notices.panel(notices.of_error(error))
        return
    if not acts:
        query = {context.RUN: case.lab.view.id, "view": "mark"}
        st.page_link("pages/concepts.py", label="Mark what pictures show", icon=":material/check:", query_params=query)
        return
    many = f"{len(acts)} concept{'s' if len(acts) > 1 else ''}"
    st.button(
        "Apply what is marked",
        key="apply-marks",
        icon=":material/check:",
        help=f"Sets the {many} that people marked on this picture, each to its level, and leaves all others.",
        disabled=set(acts) <= set(doings.acts),
        on_click=attempted,
        args=(doings.do, *acts),
    )


def _acts(case: SharedCase) -> tuple[Act, ...]:
    """What the marks say of the picture, as acts on the model's concepts."""
    from engine.session.marked import of_picture

    said = of_picture(case.lab, case.subject.ref, case.snapshot.bank, case.lab.view.marks)
    return tuple(Act(k, PRESENT if there else ABSENT) for k, there in said.items())
