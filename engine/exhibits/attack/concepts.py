"""Concepts under attack: which cross their threshold most easily, and which hold."""

from __future__ import annotations

from collections.abc import Sequence

from engine.exhibits.attack.found import Found
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.figures import fooled as charts
from engine.figures.robustness import strength
from engine.interventions.evidence import LABELLED

FOOLED = kind(
    "fooled-concepts",
    "attack",
    Lesson(
        what="The concepts that an attack on the answer most often switches from present to absent or back, and those "
        "that hold.",
        why="An explanation is only as good as its concepts. One that any attack can switch tells little about the "
        "picture.",
        reading="Long bars are switched often. In brackets: how far the score moved, measured in how much it usually "
        "differs between pictures.",
        caveats="The attack went for the answer, so concepts without weight are hardly touched and look firm. One "
        "whose score lies near its threshold crosses it with the smallest push.",
    ),
    ("easiest_to_fool", "moved_score"),
)
TOP = 10
"""Concepts shown at most on either side."""


def order(found: Found, at: int) -> list[int]:
    """Concepts from the easiest to fool to the hardest; empty where a model's rows are no concepts with thresholds."""
    _, flips, moved = found.concepts(at)
    return charts.order(flips, moved)


def easiest(found: Found, at: int, ordered: Sequence[int]) -> Exhibit:
    """The concepts that are fooled most often.

    Args:
        at: place in `found.strengths`, from 1.
        ordered: as `order` gives them, or some of them.
    """
    names, flips, _ = found.concepts(at)
    return _bars(found, at, charts.easiest_words(names, flips, ordered), shown(ordered, hard=False), hard=False)


def hardest(found: Found, at: int, ordered: Sequence[int]) -> Exhibit:
    """The concepts that hold best; arguments as in `easiest`."""
    names, flips, _ = found.concepts(at)
    return _bars(found, at, charts.hardest_words(names, flips, ordered), shown(ordered, hard=True), hard=True)


def shown(ordered: Sequence[int], hard: bool) -> list[int]:
    """Which concepts have a bar, from the top: no concept is on both sides."""
    each = max(1, min(TOP, len(ordered) // 2))
    return list(ordered[: -each - 1 : -1] if hard else ordered[:each])


def _bars(found: Found, at: int, told: str, bars: list[int], hard: bool) -> Exhibit:
    names, flips, moved = found.concepts(at)
    later = f", after task {found.tasks}" if found.moment + 1 < found.tasks else ""
    note = (
        f"At {strength(float(found.strengths[at]))}{later}; in brackets how far the score moved, in standard deviations"
    )
    return Exhibit(
        FOOLED,
        told,
        note if hard else f"{note}. {LABELLED.said[:1].upper()}{LABELLED.said[1:]}",
        charts.fooled_bars(names, flips, moved, bars, hard),
        lambda: charts.fooled_table(names, flips, moved),
        "hardest" if hard else "easiest",
    )
