"""What every attribute really does to the model's answers: shares of birds renamed, and effects by value and class."""

from __future__ import annotations

import streamlit as st

from engine.data.aviary.attributes import ATTRIBUTES
from engine.exhibits.naming import NAMES
from engine.exhibits.repair import causes
from engine.exhibits.repair.causes import Causes
from pages.ui import panels, segments
from pages.ui.context import Context
from pages.ui.repair import reading
from pages.ui.text import safe

_ATTRIBUTES = {a.name: name for a, name in reversed(list(zip(ATTRIBUTES, NAMES, strict=True)))}


def show(here: Context) -> None:
    """Draw the view, or how far its numbers are."""
    found, only = reading.causes(here), reading.position(here)
    if found is None:
        return
    left, right = st.columns([5, 6])
    with left, panels.shown(causes.flips(found, only), chart="flip-bars", quiet=True):
        st.html(f"<div class='re-note'>{safe(causes.costs(found, only))}</div>")
    with right:
        _values(found)
    reading.thoroughness()


def _values(found: Causes) -> None:
    index = NAMES.index(_ATTRIBUTES[segments.asked("attribute", _ATTRIBUTES)])
    kind = segments.asked("given", causes.KINDS)
    with panels.shown(causes.value_map(found, index, kind), chart="value-map", quiet=True):
        segments.choose("Attribute", "attribute", _ATTRIBUTES, hidden=True)
        segments.choose("The value is", "given", causes.KINDS, hidden=True)
