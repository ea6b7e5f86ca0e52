"""Which picture the page is about: the one in the address, else one on which a click does something. The picker is
folded away until somebody wants another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.errors import BadInput
from engine.exhibits.picture.first import first
from engine.exhibits.subjects import TellingImage
from pages.ui import address, notices, picker
from pages.ui.context import Context
from pages.ui.picture import sources

if TYPE_CHECKING:
    from engine.session.lab import Lab
    from engine.session.subjects import Subject

BOX = "another-picture"
_FIRST = "picture-first"
"""Session: the picture shown first and why, as a pair of texts."""


def choose(here: Context, lab: Lab) -> Subject | None:
    """Draw the folded picker; the picture, or None while nothing is chosen."""
    box = st.popover("Another picture", icon=":material/image:", key=BOX, on_change="rerun")
    if not box.open:
        return _named(here, lab)
    with box:
        return sources.choose(here, lab, "Picture", _fold)


def because(chosen: Subject) -> None:
    """Say why this picture is shown where the reader has not chosen it."""
    ref, rule = st.session_state.get(_FIRST, ("", ""))
    if chosen.ref == ref:
        st.caption(f"Shown first because {rule.partition('; ')[0]}.", help=f"The rule: {rule}.")


def _named(here: Context, lab: Lab) -> Subject | None:
    """The picture in the address; another one, with a word, where it names none."""
    try:
        return _embedded(here, lab)
    except BadInput as error:
        notices.panel(notices.of_error(error))
        address.settle(picker.IMAGE, None)
        return _embedded(here, lab)


def _embedded(here: Context, lab: Lab) -> Subject | None:
    if not sources.uploading():
        picker.begin(lambda: _first(here, lab))
    ref = address.value(picker.IMAGE)
    if ref is None:
        return None
    found = picker.embedded(lab.view.id, ref, lab, picker.backbone_after(lab, here.moment))
    address.settle(picker.IMAGE, ref)
    return found


def _first(here: Context, lab: Lab) -> str:
    position = None if here.class_id is None else lab.stream.class_order.index(here.class_id)
    found = _rule(lab.view.id, here.moment or 0, position, lab)
    st.session_state[_FIRST] = found.ref, found.rule
    return found.ref


@st.cache_resource(show_spinner=False, max_entries=64)
def _rule(run: str, moment: int, position: int | None, _lab: Lab) -> TellingImage:
    return first(_lab, moment, position)


def _fold() -> None:
    """Callback: a picture is chosen, and the picker folds away."""
    st.session_state[BOX] = False
