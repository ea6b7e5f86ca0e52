"""What can be changed about a bird: one row an attribute, one click a change, colours as swatches.

A component of our own: thirteen of Streamlit's widgets would take a screen and a half and could show no colour. Texts
go in as text, never as HTML.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from engine.data.aviary.attributes import ATTRIBUTES, INDEX
from engine.data.aviary.palette import HABITATS, LEGS, PLUMAGE, Colour
from engine.exhibits.naming import Codes, title_of
from pages.ui import assets

_ORDER = (
    ("crown", "back", "wing", "breast", "legs"),
    ("bill", "crest", "face", "breast_pattern", "wing_bars", "tail", "tail_band"),
    ("habitat",),
)
"""Rows from top to bottom: colours, then shapes and marks, then the place."""

_SHAPES = "palette-shapes"
_palette = assets.component("palette", "<div class='rows'></div>")


def draw(key: str, now: Codes, was: Codes, on_pick: Callable[[str, str], None]) -> None:
    """Draw the rows: colours and the place, and shapes and marks too where somebody asks or has changed one.

    Args:
        now, was: codes of the bird as it is and as it was.
        on_pick: called with attribute and value of what was clicked, before the page is drawn again.
    """

    def picked() -> None:
        attribute, _, value = str((st.session_state.get(key) or {}).get("picked") or "").partition(":")
        if attribute in INDEX and value in ATTRIBUTES[INDEX[attribute]].values:
            on_pick(attribute, value)

    rows = [
        _row(name, now, was, gap=bool(block) and at == 0)
        for block, names in enumerate(_shown(now, was))
        for at, name in enumerate(names)
    ]
    _palette(data={"rows": rows}, key=key, on_picked_change=picked)
    st.toggle("Shapes and marks", key=_SHAPES, persist_state="session")


def _shown(now: Codes, was: Codes) -> list[tuple[str, ...]]:
    colours, shapes, place = _ORDER
    changed = any(now[INDEX[name]] != was[INDEX[name]] for name in shapes)
    return [colours, shapes, place] if changed or st.session_state.get(_SHAPES) else [colours, place]


def _row(name: str, now: Codes, was: Codes, gap: bool) -> dict[str, object]:
    index = INDEX[name]
    values = ATTRIBUTES[index].values
    return {
        "key": name,
        "name": title_of(index),
        "gap": gap,
        "values": [[value, paint(name, value), name not in _ORDER[0]] for value in values],
        "now": values[now[index]],
        "was": values[was[index]],
    }


def paint(attribute: str, value: str) -> str:
    """How a value looks, in CSS; empty where it is neither a colour nor a place."""
    if attribute == "habitat":
        stops = ", ".join(_css(colour) for colour in HABITATS[value].wash)
        return f"linear-gradient({stops})"
    if attribute == "legs":
        return _css(LEGS[value])
    return _css(PLUMAGE[value]) if value in PLUMAGE and attribute in _ORDER[0] else ""


def _css(colour: Colour) -> str:
    return "rgb({}, {}, {})".format(*colour)
