"""How many test pictures are right: as they are, in other habitats, under attack."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.exhibits.exhibit import Exhibit, Kind, Lesson
from engine.figures.look import percent
from engine.figures.trust import Share, share_rows, share_table
from engine.findings import robust
from engine.findings.robust import EPS
from engine.session.facts import RunFacts

_KIND = Kind(
    "slide-shares",
    "story",
    Lesson(
        "How many pictures are right under several conditions.",
        "One number hides where a model fails.",
        "Compare each dot with the dotted line.",
        "Bars are 95 % intervals of the pictures, not of the training.",
    ),
)
"""Of slides that count. Not declared as a kind: pages show these numbers in detail."""


def ordinary(facts: RunFacts, split: str = "test", name: str = "Ordinary pictures") -> Share:
    """Right pictures of a split, choosing among all classes seen."""
    counts = facts.view.confusion(facts.moment, split)
    return Share(name, int(np.trace(counts)), int(counts.sum()))


def moved(facts: RunFacts) -> Share | None:
    """The same birds in other habitats; None where there is no such split."""
    return ordinary(facts, "moved", "The same birds in other habitats") if facts.has_moved else None


def attacked(facts: RunFacts) -> Share | None:
    """Pictures that hold against the attack that the findings tell of; None where nobody measured it."""
    found = robust.attacked(facts)
    if found is None:
        return None
    held = found.outcome[1] == 1
    return Share(f"Attacked, {EPS:g} of 255 levels", int(held.sum()), len(held))


def exhibit(shares: Sequence[Share]) -> Exhibit:
    """Some shares, one row each."""
    told = "; ".join(f"{each.name}: {percent(each.value)}" for each in shares)
    return Exhibit(
        _KIND, told, "Share of pictures right, with 95 % intervals", share_rows(shares), lambda: share_table(shares)
    )
