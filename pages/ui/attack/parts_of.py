"""The parts of the page, of which one is open: three about one picture, three about all, and both before a twin."""

from __future__ import annotations

from collections.abc import Mapping

from engine.exhibits.attack import after_tasks, concepts, pair, shifts, twin
from pages.ui import address, arrival, segments
from pages.ui.attack import choices

ONE, ALL = "one", "all"
_FIRST = {ONE: "attack", ALL: "answers"}
_TWINS = "twins"
PARTS: Mapping[str, str] = {
    "attack": "One picture",
    "tasks": "After every task",
    "answers": "All pictures",
    "attention": "Attention",
    "concepts": "Concepts",
    _TWINS: "Two backbones",
}
_OF_ALL = ("answers", "attention", "concepts")
_BEFORE_TWINS = {ONE: "This picture", ALL: "All pictures"}
_SHOWS = {
    ("tasks", ONE): after_tasks.KINDS,
    (_TWINS, ONE): (twin.TWIN,),
    ("attention", ALL): shifts.KINDS,
    ("concepts", ALL): (concepts.FOOLED,),
    (_TWINS, ALL): pair.KINDS,
}
"""What the parts besides the first ones show, and of which pictures."""


def choose() -> tuple[str, str]:
    """Draw the menu; whether one picture or all are meant, and the part."""
    part, tab = _linked()
    chosen = segments.choose("Part", choices.VIEW, PARTS, hidden=True, default=part, plain=_FIRST[ONE])
    if chosen == _TWINS:
        return segments.choose("Pictures", choices.TAB, _BEFORE_TWINS, hidden=True, default=tab, plain=ONE), chosen
    address.settle(choices.TAB, None)
    return ALL if chosen in _OF_ALL else ONE, chosen


def _linked() -> tuple[str, str]:
    """The part with the exhibit that the address names, and of which pictures; else the first of one or of all."""
    asked = arrival.wanted()
    tab = address.among(choices.TAB, _FIRST, ONE)
    return next(
        (place for place, kinds in _SHOWS.items() if any(kind.name == asked for kind in kinds)), (_FIRST[tab], tab)
    )
