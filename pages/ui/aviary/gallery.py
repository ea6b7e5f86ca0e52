"""Counterfactual pairs: two pictures one attribute apart that the model tells apart, or fails to."""

from __future__ import annotations

import math
from dataclasses import replace

import streamlit as st

from engine.data.aviary.attributes import ATTRIBUTES
from engine.data.aviary.bird import Bird
from engine.explain import pairs
from engine.explain.effects import Edits
from engine.figures.look import percent
from engine.runs.view import RunView
from pages.ui import address, segments
from pages.ui.aviary import birds, reading
from pages.ui.aviary.answers import plate
from pages.ui.aviary.reading import Causes
from pages.ui.aviary.steps import text_of, worded
from pages.ui.text import safe, unmarked

VIEW = "view"
"""Key of the page's view in the address."""
_KINDS = {"apart": "Tells apart", "alike": "Fails to tell apart"}
_EACH = 8
_PLATE = 240  # pixels
_ANY = "any"


def show(view: RunView, moment: int, class_id: int | None) -> None:
    """Draw the gallery, or how far its pairs are."""
    found = reading.causes(view, moment)
    if found is None:
        return
    kind, attribute = _filters()
    edits = _kept(found, attribute, reading.position(view, moment, class_id))
    chosen = edits.where(pairs.told_apart(edits) if kind == "apart" else pairs.not_told_apart(edits, found.classes))
    st.markdown(f"**{unmarked(_headline(kind, chosen, edits, found))}**")
    if not len(chosen):
        st.caption("No such pair among these edits. Choose another attribute, or clear the class above.")
        return
    pages = math.ceil(len(chosen) / _EACH)
    page = st.session_state.get("pair-page", 1) if pages > 1 else 1
    first = (min(int(page), pages) - 1) * _EACH
    with st.grid(4, min_column_width=290, key="pairs"):
        for row in range(first, min(first + _EACH, len(chosen))):
            _card(view, chosen, row, found.classes)
    if pages > 1:
        st.pagination(pages, key="pair-page")


def _filters() -> tuple[str, int | None]:
    with st.container(horizontal=True, vertical_alignment="bottom", key="pair-filters"):
        kind = segments.choose("The model", "pairs", _KINDS)
        options = [_ANY, *(a.name for a in ATTRIBUTES)]
        asked = address.value("differ")
        chosen = asked if asked in options else _ANY
        st.session_state["differ-choice"] = chosen
        st.selectbox(
            "Different in",
            options,
            format_func=lambda name: "anything" if name == _ANY else name.replace("_", " "),
            key="differ-choice",
            width=200,
            on_change=address.take,
            args=("differ", "differ-choice"),
        )
        address.settle("differ", chosen, default=_ANY)
    return kind, None if chosen == _ANY else [a.name for a in ATTRIBUTES].index(chosen)


def _kept(found: Causes, attribute: int | None, position: int | None) -> Edits:
    edits = found.edits
    if attribute is not None:
        edits = edits.where(edits.attribute == attribute)
    return edits if position is None else edits.where(edits.label == position)


def _headline(kind: str, chosen: Edits, edits: Edits, found: Causes) -> str:
    """How often it happens, in words."""
    if kind == "apart":
        right = int((edits.before == edits.label).sum())
        return f"{len(chosen):,} of {right:,} single changes give a rightly named bird another name"
    false = int(pairs.falsified(chosen, found.classes).sum())
    seen = int((edits.visible >= pairs.VISIBLE).sum())
    return (
        f"{len(chosen):,} of {seen:,} visible changes leave the name as it was, and {false:,} of these make that very "
        "name untrue"
    )


def _card(view: RunView, edits: Edits, row: int, classes: tuple[str, ...]) -> None:
    attribute, old, new = (int(v[row]) for v in (edits.attribute, edits.old, edits.new))
    number = int(edits.bird[row])
    bird = birds.read(birds.world(view), f"test:{number}").bird
    codes = (*bird.values[:attribute], new, *bird.values[attribute + 1 :])
    with st.container(border=True, key=f"pair-{number}-{attribute}-{new}"):
        st.html(
            "<div class='av-twins'>"
            f"<h4>{safe(worded(attribute, old))} → {safe(worded(attribute, new))}</h4>"
            f"{_picture(bird, worded(attribute, old))}"
            f"{_picture(replace(bird, values=codes), worded(attribute, new))}"
            f"{_said(classes[edits.before[row]], edits.sure_before[row])}"
            f"{_said(classes[edits.after[row]], edits.sure_after[row])}</div>"
        )
        st.button(
            "Operate on it",
            key=f"operate-{number}-{attribute}-{new}",
            icon=":material/edit:",
            type="tertiary",
            on_click=_operate,
            args=(f"test:{number}", text_of(codes, bird.seed)),
        )


def _operate(ref: str, edit: str) -> None:
    birds.operate(ref, edit)
    address.choose(VIEW, None)


def _picture(bird: Bird, alt: str) -> str:
    return f"<img src='{plate(bird.values, bird.seed, _PLATE)}' alt='{safe(alt)}'>"


def _said(name: str, sure: float) -> str:
    return f"<p><b>{safe(name)}</b> <span>{percent(float(sure))}</span></p>"
