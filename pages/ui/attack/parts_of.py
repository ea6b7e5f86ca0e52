"""The page's tabs and the parts of each, of which one is open; a link to an exhibit opens the part that has it."""

from __future__ import annotations

from collections.abc import Mapping

from engine.exhibits.attack import after_tasks, concepts, pair, shifts, twin
from pages.ui import arrival

TABS = {"one": "One picture", "all": "All pictures"}
PARTS: Mapping[str, Mapping[str, str]] = {
    "one": {"attack": "The attack", "tasks": "After every task", "twins": "Two backbones"},
    "all": {"answers": "Answers", "attention": "Attention", "concepts": "Concepts", "twins": "Two backbones"},
}
_SHOWS = {
    "one": {"tasks": after_tasks.KINDS, "twins": (twin.TWIN,)},
    "all": {"attention": shifts.KINDS, "concepts": (concepts.FOOLED,), "twins": pair.KINDS},
}
"""What the parts besides the first show."""


def linked(tab: str) -> str:
    """The part with the exhibit that the address names; the first one else."""
    asked = arrival.wanted()
    return next(
        (part for part, kinds in _SHOWS[tab].items() if any(kind.name == asked for kind in kinds)),
        next(iter(PARTS[tab])),
    )
