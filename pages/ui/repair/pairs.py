"""Counterfactual pairs: two pictures one attribute apart that the model tells apart, or fails to."""

from __future__ import annotations

import math
from dataclasses import replace

import streamlit as st

from engine.data.aviary.attributes import ATTRIBUTES
from engine.data.aviary.bird import Bird
from engine.data.aviary.world import AviarySplit
from engine.exhibits.naming import worded
from engine.exhibits.repair import pairs
from engine.exhibits.repair.causes import Causes
from engine.explain.effects import Edits
from engine.figures.look import certainty
from pages.ui import definitions, pictures, segments
from pages.ui.context import Context
from pages.ui.picker import IMAGE
from pages.ui.picture.answers import plate
from pages.ui.picture.steps import EDIT, text_of
from pages.ui.repair import reading
from pages.ui.text import finding, safe

_EACH = 8
_PLATE = 240  # pixels
_ANY = "any"


def show(here: Context) -> None:
    """Draw the gallery, or how far its pairs are."""
    found, only = reading.causes(here), reading.position(here)
    if found is None or here.view is None:
        return
    split = pictures.dataset(here.view.config).splits["test"]
    assert isinstance(split, AviarySplit)  # the page has checked
    kind, attribute = _filters()
    kept = replace(found, edits=_kept(found, attribute, only))
    chosen = pairs.chosen(kept, kind)
    st.html(finding(pairs.headline(kept, kind)))
    definitions.popover(pairs.PAIRS.terms, pairs.PAIRS.name, pairs.PAIRS.lesson)
    if not len(chosen):
        st.caption("No such pair among these edits. Choose another attribute, or clear the class above.")
        return
    pages = math.ceil(len(chosen) / _EACH)
    page = st.session_state.get("pair-page", 1) if pages > 1 else 1
    first = (min(int(page), pages) - 1) * _EACH
    with st.grid(4, min_column_width=290, key="pairs"):
        for row in range(first, min(first + _EACH, len(chosen))):
            _card(split, chosen, row, found.classes)
    if pages > 1:
        st.pagination(pages, key="pair-page")
    reading.thoroughness()


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


def _card(split: AviarySplit, edits: Edits, row: int, classes: tuple[str, ...]) -> None:
    attribute, old, new = (int(v[row]) for v in (edits.attribute, edits.old, edits.new))
    number = int(edits.bird[row])
    bird = split.birds(number)
    after = pairs.edited(edits, row, bird)
    with st.container(border=True, key=f"pair-{number}-{attribute}-{new}"):
        st.html(
            "<div class='re-twins'>"
            f"<h3>{safe(worded(attribute, old))} → {safe(worded(attribute, new))}</h3>"
            f"{_picture(bird, worded(attribute, old))}"
            f"{_picture(after, worded(attribute, new))}"
            f"{_said(classes[edits.before[row]], edits.sure_before[row])}"
            f"{_said(classes[edits.after[row]], edits.sure_after[row])}</div>"
        )
        query = {"tab": "what", "how": "bird", IMAGE: f"test:{number}", EDIT: text_of(after.values, bird.seed)}
        st.page_link("pages/picture.py", label="Operate", icon=":material/edit:", query_params=query)


def _picture(bird: Bird, alt: str) -> str:
    return f"<img src='{plate(bird.values, bird.seed, _PLATE)}' alt='{safe(alt)}'>"


def _said(name: str, sure: float) -> str:
    return f"<p><b>{safe(name)}</b> <span>{certainty(float(sure))}</span></p>"
