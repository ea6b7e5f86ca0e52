"""Two pictures one attribute apart that the model tells apart, or fails to: pictures in pairs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from engine.data.aviary.bird import Bird
from engine.data.aviary.render import render
from engine.exhibits.exhibit import Exhibit, Lesson, Plate, kind
from engine.exhibits.naming import worded
from engine.exhibits.repair.causes import Causes
from engine.explain import pairs
from engine.explain.effects import Edits
from engine.figures.heat import data_address
from engine.figures.look import certainty
from engine.figures.tables import Table, cell

PAIRS = kind(
    "redrawn-pairs",
    "repair",
    Lesson(
        what="Pairs of pictures of one bird that differ in a single attribute, with what the model calls each of the "
        "two and how sure it is.",
        why="A pair shows in two pictures what bars sum up over hundreds: what the model notices, and what it "
        "overlooks.",
        reading="Look for the difference yourself first. Where the model tells two apart, it minds this attribute. "
        "Where it does not, look whether the name it gives is still true of the second picture.",
        caveats="These are the clearest cases, not typical ones: the surest answers come first. How often it happens "
        "is in the heading.",
    ),
    ("renamed",),
)
KINDS = {"apart": "Tells apart", "alike": "Fails to tell apart"}
"""What a model does with the two pictures of a pair."""
_SIZE = 240
"""Pixels of a bird."""


def chosen(found: Causes, which: str) -> Edits:
    """The edits that make such pairs, the most telling first.

    Args:
        which: of `KINDS`.
    """
    edits = found.edits
    rows = pairs.told_apart(edits) if which == "apart" else pairs.not_told_apart(edits, found.classes)
    return edits.where(rows)


def headline(found: Causes, which: str) -> str:
    """How often it happens, in words."""
    edits, count = found.edits, len(shown := chosen(found, which))
    if which == "apart":
        right = int((edits.before == edits.label).sum())
        return f"{count:,} of {right:,} single changes give a rightly named bird another name"
    false = int(pairs.falsified(shown, found.classes).sum())
    seen = int((edits.visible >= pairs.VISIBLE).sum())
    return (
        f"{count:,} of {seen:,} visible changes leave the name as it was, and {false:,} of these make that very "
        "name untrue"
    )


def edited(edits: Edits, row: int, bird: Bird) -> Bird:
    """The bird of an edit with its attribute changed."""
    at = int(edits.attribute[row])
    return replace(bird, values=(*bird.values[:at], int(edits.new[row]), *bird.values[at + 1 :]))


def gallery(found: Causes, which: str, drawn: Callable[[int], Bird], most: int) -> Exhibit | None:
    """The most telling pairs, one of each bird; None where there is none.

    Args:
        which: of `KINDS`.
        drawn: how to draw a test bird, by its row.
        most: pairs shown.
    """
    edits = chosen(found, which)
    firsts = {int(bird): row for row, bird in reversed(list(enumerate(edits.bird)))}  # of each bird the first
    rows = sorted(firsts.values())[:most]
    if not rows:
        return None
    plates = tuple(plate for row in rows for plate in _pair(edits, row, drawn(int(edits.bird[row])), found.classes))
    caption = (
        f"Each test bird beside itself with one attribute changed: {len(rows)} of {len(edits):,} pairs, one a bird"
    )
    return Exhibit(PAIRS, headline(found, which), caption, plates, lambda: _table(edits, rows, found.classes), which)


def _pair(edits: Edits, row: int, bird: Bird, classes: tuple[str, ...]) -> tuple[Plate, Plate]:
    attribute = int(edits.attribute[row])
    sides = (
        (bird, edits.old, edits.before, edits.sure_before),
        (edited(edits, row, bird), edits.new, edits.after, edits.sure_after),
    )
    first, second = (
        Plate(
            data_address(render(one, _SIZE)),
            worded(attribute, int(code[row])),
            f"taken for {classes[name[row]]} ({certainty(float(sure[row]))})",
        )
        for one, code, name, sure in sides
    )
    return first, second


def _table(edits: Edits, rows: list[int], classes: tuple[str, ...]) -> Table:
    return {
        "test image": [int(edits.bird[r]) for r in rows],
        "from": [worded(int(edits.attribute[r]), int(edits.old[r])) for r in rows],
        "to": [worded(int(edits.attribute[r]), int(edits.new[r])) for r in rows],
        "taken for before": [classes[edits.before[r]] for r in rows],
        "probability before": [cell(edits.sure_before[r]) for r in rows],
        "taken for after": [classes[edits.after[r]] for r in rows],
        "probability after": [cell(edits.sure_after[r]) for r in rows],
    }
