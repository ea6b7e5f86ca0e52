"""Explain: one picture, what the model takes it for, and why."""

from __future__ import annotations

import streamlit as st

from engine.exhibits.explain import answer
from pages.ui import context, firstly, laboratory, panels, picker, setup, shell
from pages.ui.explain import change, maps, past, reasons, sources, truth, whole
from pages.ui.explain.case import SharedCase
from pages.ui.text import title

shell.guard()


def body(here: context.Context) -> None:
    """The picture and its reasons first, then its past, then what would change it."""
    view = setup.ready(
        here,
        "No model to explain yet",
        "This page takes one picture apart: what speaks for the answer, where it is seen, when it was forgotten. "
        "Train a model first.",
        "There is a model after the first task.",
    )
    if view is None or here.moment is None:
        return
    seen = len(view.class_ids_seen(here.moment))
    title(
        "Why this answer?",
        f"One picture before the model after task {here.moment + 1}, which knows {seen} classes: what it sees, what "
        "that adds to each class, and what became of the answer task by task.",
    )
    firstly.text()
    lab = laboratory.open(view, here.moment)
    picker.begin_with_forgotten(here, lab)
    chosen = sources.choose(here, lab)
    if chosen is None:
        st.caption("Choose a picture above. Everything below is about it.")
        return
    _panels(SharedCase(lab, here.moment, chosen))


def _panels(case: SharedCase) -> None:
    left, right = st.columns([5, 8])
    with left:
        panels.show(answer.exhibit(case))
    with right:
        found = reasons.show(case)
    left, right = st.columns(2)
    with left:
        maps.show(case, found)
    with right:
        truth.show(case, found)
    left, right = st.columns(2)
    with left:
        past.story(case)
    with right:
        past.forgetting(case)
    left, right = st.columns(2)
    with left:
        change.flip(case)
    with right:
        change.prototypes(case)
    whole.show(case)


shell.show(body)
