"""Which picture is attacked: the one in the address, or one on which the attack has something to show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from engine.exhibits.attack.choosing import Choice, right, seeking
from pages.ui import address, picker
from pages.ui.attack.shelf import kept
from pages.ui.context import Context
from pages.ui.picture import sources
from pages.ui.waiting import waited

if TYPE_CHECKING:
    from engine.session.lab import Lab
    from engine.session.subjects import Subject

_BOX = "attack-picture"
_SEEKING = "Attacking a few pictures to find one that shows something"
_FOUND = "attack-found"
"""Session: for which run, moment and class the first picture was found, and why that one."""


def choose(here: Context, lab: Lab, slot: DeltaGenerator) -> Subject | None:
    """Draw the button that opens the chooser; the picture, or None while nothing is chosen.

    Args:
        slot: an `st.empty` to say that a first picture is looked for.
    """
    _begin(here, lab, slot)
    with st.container(horizontal=True, horizontal_alignment="right", vertical_alignment="center", key="at-picture"):
        box = st.popover("Another picture", icon=":material/image:", key=_BOX, on_change="rerun")
        st.button("Surprise me", key="at-any", icon=":material/casino:", on_click=_any, args=(here, lab))
    if box.open:
        with box:
            return sources.choose(here, lab, "Picture")
    return picker.named(here, lab)


def reason(here: Context) -> str:
    """Why the page began with the picture that is shown, in words; empty for one that somebody chose, and where the
    page has followed a training past the model for which it was chosen."""
    found = st.session_state.get(_FOUND) if picker.begun() else None
    return f"Shown first because {found[1]}." if found is not None and found[0] == _place(here) and found[1] else ""


def _begin(here: Context, lab: Lab, slot: DeltaGenerator) -> None:
    """Where nothing is chosen, begin with the picture that `first` finds, of the chosen class if one is."""
    if not sources.uploading():
        picker.begin(here, lambda: _first(here, lab, slot).ref)


def _first(here: Context, lab: Lab, slot: DeltaGenerator) -> Choice:
    moment = here.moment or 0
    found = kept(("first", *_place(here)), lambda: _sought(lab, moment, here.class_id, slot))
    st.session_state[_FOUND] = _place(here), found.why
    return found


def _sought(lab: Lab, moment: int, class_id: int | None, slot: DeltaGenerator) -> Choice:
    """Attack some pictures, with a bar from the start: a large backbone takes seconds to its first step."""
    slot.progress(0.0, _SEEKING)
    return waited(
        seeking(lab, moment, class_id),
        slot,
        lambda look: (look.step / max(look.steps, 1), f"{_SEEKING}: step {look.step} of {look.steps}"),
    )


def _place(here: Context) -> tuple[str, int, int | None]:
    return here.view.id if here.view else "", here.moment or 0, here.class_id


def _any(here: Context, lab: Lab) -> None:
    """Callback: another image that the model gets right."""
    rows = right(lab, here.moment or 0, here.class_id)
    others = [row for row in rows if f"test:{row}" != address.value(picker.IMAGE)] or rows
    address.choose(picker.IMAGE, f"test:{int(np.random.default_rng().choice(others))}")
