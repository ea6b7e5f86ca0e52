"""Which picture the page is about: the one in the address, else one on which a click does something. The picker is
folded away until somebody wants another."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from engine.exhibits.picture.first import FirstPicture, first
from pages.ui import address, picker
from pages.ui.context import Context
from pages.ui.picture import choices, sources
from pages.ui.picture.case import SharedCase
from pages.ui.picture.doings import Doings

if TYPE_CHECKING:
    from engine.session.lab import Lab
    from engine.session.subjects import Subject

BOX = "another-picture"
_CAVEAT = " It is no typical picture: what answers are worth over all pictures stands on the page Repair, under Clicks."
_FIRST = "picture-first"
"""Session: the picture shown first, after run and moment for which it was chosen."""


def choose(here: Context, lab: Lab) -> Subject | None:
    """Draw the folded picker; the picture, or None while nothing is chosen."""
    box = st.popover("Another picture", icon=":material/image:", key=BOX, on_change="rerun")
    if not box.open:
        return _named(here, lab)
    with box:
        return sources.choose(here, lab, "Picture", _fold)


def because(case: SharedCase) -> None:
    """Say why this picture is shown where the reader has not chosen it, and do what it is shown for."""
    run, moment, shown = st.session_state.get(_FIRST, ("", 0, None))
    if shown is None or (run, moment, shown.ref) != (case.lab.view.id, case.moment, case.subject.ref):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="picture-first"):
        brief, _, _ = shown.rule.partition("; ")
        st.caption(
            f"Shown first because {brief}.",
            help=f"The rule: {shown.rule}.{_CAVEAT if shown.cure else ''}",
            width="content",
        )
        if shown.cure:
            st.button("Tell it", key="give-answer", type="primary", on_click=_give, args=(run, shown))


def _named(here: Context, lab: Lab) -> Subject | None:
    if not sources.uploading():
        picker.begin(here, lambda: _first(here, lab))
    return picker.named(here, lab)


def _first(here: Context, lab: Lab) -> str:
    position = None if here.class_id is None else lab.stream.class_order.index(here.class_id)
    run, moment = lab.view.id, here.moment or 0
    found = _rule(run, moment, position, lab)
    st.session_state[_FIRST] = run, moment, found
    return found.ref


@st.cache_resource(show_spinner=False, max_entries=64)
def _rule(run: str, moment: int, position: int | None, _lab: Lab) -> FirstPicture:
    return first(_lab, moment, position)


def _fold() -> None:
    """Callback: a picture is chosen, and the picker folds away."""
    st.session_state[BOX] = False


def _give(run: str, shown: FirstPicture) -> None:
    """Callback: the answers that put it right, and what they do."""
    address.choose(choices.TAB, choices.WHAT)
    address.choose(choices.HOW, None)
    Doings(run, shown.ref).do(*shown.cure)
