"""What every attribute really does to the model's answers: shares of birds renamed, and effects by value and class."""

from __future__ import annotations

from dataclasses import replace

from engine.data.aviary.attributes import ATTRIBUTES
from engine.exhibits.naming import NAMES
from engine.exhibits.repair import causes
from engine.exhibits.repair.causes import Causes
from pages.ui import panels, segments
from pages.ui.context import Context
from pages.ui.repair import reading

_ATTRIBUTES = {a.name: name for a, name in reversed(list(zip(ATTRIBUTES, NAMES, strict=True)))}


def show(here: Context) -> None:
    """Draw the view, or how far its numbers are."""
    found, only = reading.causes(here), reading.position(here)
    if found is None:
        return
    flips = causes.flips(found, only)
    told = f"{flips.caption}. {causes.costs(found, only).rstrip('.')}"
    panels.show(replace(flips, caption=told), chart="flip-bars")
    _values(found)
    reading.thoroughness()


def _values(found: Causes) -> None:
    index = NAMES.index(_ATTRIBUTES[segments.asked("attribute", _ATTRIBUTES)])
    kind = segments.asked("given", causes.KINDS)
    with panels.shown(causes.value_map(found, index, kind), chart="value-map"):
        segments.choose("Attribute", "attribute", _ATTRIBUTES, hidden=True)
        segments.choose("The value is", "given", causes.KINDS, hidden=True)
