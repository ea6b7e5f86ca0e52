"""What every attribute really does to the model's answers: shares of birds renamed, and effects by value and class."""

from __future__ import annotations

import streamlit as st

from engine.data.aviary.attributes import ATTRIBUTES
from engine.exhibits.aviary import causes
from engine.exhibits.aviary.causes import Causes
from engine.exhibits.aviary.naming import NAMES
from engine.store.view import RunView
from pages.ui import panels, segments
from pages.ui.aviary import reading
from pages.ui.text import safe

_ATTRIBUTES = {a.name: name for a, name in reversed(list(zip(ATTRIBUTES, NAMES, strict=True)))}


def show(view: RunView, moment: int, class_id: int | None) -> None:
    """Draw the view, or how far its numbers are."""
    found = reading.causes(view, moment)
    if found is None:
        return
    only = reading.position(view, moment, class_id)
    left, right = st.columns([5, 6])
    with left, panels.shown(causes.flips(found, only), chart="flip-bars"):
        st.html(f"<div class='av-note'>{safe(causes.costs(found, only))}</div>")
    with right:
        _values(found)


def _values(found: Causes) -> None:
    index = NAMES.index(_ATTRIBUTES[segments.asked("attribute", _ATTRIBUTES)])
    kind = segments.asked("given", causes.KINDS)
    with panels.shown(causes.value_map(found, index, kind), chart="value-map"):
        segments.choose("Attribute", "attribute", _ATTRIBUTES, hidden=True)
        segments.choose("The value is", "given", causes.KINDS, hidden=True)
