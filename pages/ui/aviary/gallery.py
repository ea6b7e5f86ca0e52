"""Counterfactual pairs: two pictures one attribute apart that the model tells apart, or fails to."""

from __future__ import annotations

import math
from dataclasses import replace

import streamlit as st

from engine.data.aviary.attributes import ATTRIBUTES
from engine.data.aviary.bird import Bird
from engine.exhibits.aviary import pairs
from engine.exhibits.aviary.causes import Causes
from engine.exhibits.aviary.naming import worded
from engine.explain.effects import Edits
from engine.figures.look import certainty
from engine.store.view import RunView
from pages.ui import address, definitions, segments
from pages.ui.aviary import birds, reading
from pages.ui.aviary.answers import plate
from pages.ui.aviary.steps import text_of
from pages.ui.text import finding, safe

VIEW = "view"
"""Key of the page's view in the address."""
_EACH = 8
_PLATE = 240  # pixels
_ANY = "any"


def show(view: RunView, moment: int, class_id: int | None) -> None:
    """Draw the gallery, or how far its pairs are."""
    found = reading.causes(view, moment)
    if found is None:
        return
    kind, attribute = _filters()
    kept = replace(found, edits=_kept(found, attribute, reading.position(view, moment, class_id)))
    chosen = pairs.chosen(kept, kind)
    st.html(finding(pairs.headline(kept, kind)))
    definitions.popover((), pairs.PAIRS.name, pairs.PAIRS.lesson)
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
        kind = segments.choose("The model", "pairs", pairs.KINDS)
        options = {_ANY: "anything", **{a.name: a.name.replace("_", " ") for a in ATTRIBUTES}}
        chosen = segments.pick("Different in", "differ", options, 200)
    return kind, None if chosen == _ANY else [a.name for a in ATTRIBUTES].index(chosen)


def _kept(found: Causes, attribute: int | None, position: int | None) -> Edits:
    edits = found.edits
    if attribute is not None:
        edits = edits.where(edits.attribute == attribute)
    return edits if position is None else edits.where(edits.label == position)


def _card(view: RunView, edits: Edits, row: int, classes: tuple[str, ...]) -> None:
    attribute, old, new = (int(v[row]) for v in (edits.attribute, edits.old, edits.new))
    number = int(edits.bird[row])
    bird = birds.read(birds.world(view), f"test:{number}").bird
    after = pairs.edited(edits, row, bird)
    with st.container(border=True, key=f"pair-{number}-{attribute}-{new}"):
        st.html(
            "<div class='av-twins'>"
            f"<h3>{safe(worded(attribute, old))} → {safe(worded(attribute, new))}</h3>"
            f"{_picture(bird, worded(attribute, old))}"
            f"{_picture(after, worded(attribute, new))}"
            f"{_said(classes[edits.before[row]], edits.sure_before[row])}"
            f"{_said(classes[edits.after[row]], edits.sure_after[row])}</div>"
        )
        st.button(
            "Operate on it",
            key=f"operate-{number}-{attribute}-{new}",
            icon=":material/edit:",
            type="tertiary",
            on_click=_operate,
            args=(f"test:{number}", text_of(after.values, bird.seed)),
        )


def _operate(ref: str, edit: str) -> None:
    birds.operate(ref, edit)
    address.choose(VIEW, None)


def _picture(bird: Bird, alt: str) -> str:
    return f"<img src='{plate(bird.values, bird.seed, _PLATE)}' alt='{safe(alt)}'>"


def _said(name: str, sure: float) -> str:
    return f"<p><b>{safe(name)}</b> <span>{certainty(float(sure))}</span></p>"
