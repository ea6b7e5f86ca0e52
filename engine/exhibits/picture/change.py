"""What would have to be different for another answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.errors import NotApplicable
from engine.exhibits.case import Case
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.missing import Missing
from engine.explain.counterfactual import any_flip, flip_to, least_changes, linear
from engine.figures.changes import moved_scores
from engine.figures.tables import Table, cell

if TYPE_CHECKING:
    from engine.explain.counterfactual import Linear, MinimalChange

FLIP = kind(
    "smallest-change",
    "picture",
    Lesson(
        what="The fewest concepts whose scores would have to change for another answer, and how far each would have to "
        "move. The grey line is the range that is usual for the concept.",
        why="It shows how firm an answer is. One that a single concept can turn hangs by a thread.",
        reading="The ring is the score now, the purple diamond where it would have to be. Few rows and short ways: "
        "the answer is fragile. Many rows: it rests on much.",
        caveats="Scores are changed one by one, as if a picture could have a red back and nothing else be different. "
        "Nobody says that such a picture exists.",
    ),
    ("smallest_change",),
)


def flip(case: Case, target: int | None = None) -> Exhibit | Missing:
    """The smallest change that was found, or that there is none.

    Args:
        target: position of the class that it shall become; any other class if not given.
    """
    try:
        model = linear(case.snapshot, case.subject.feature, case.scores, *case.reach)
    except NotApplicable as error:
        return Missing("No smallest set of changes is known", error.allowed.capitalize())
    found = any_flip(model) if target is None else flip_to(model, target)
    if found is None:
        return Missing(_none(case, model, target), _RANGE)
    low, high = case.reach
    which = np.array([c.concept for c in found.changes], np.int64)
    before, after = (np.array([getattr(c, side) for c in found.changes]) for side in ("before", "after"))
    count = len(found.changes)
    return Exhibit(
        FLIP,
        f"{count} concept{'s' if count > 1 else ''} changed would make it {case.names[found.new]}",
        f"{_MARKS}. {_RANGE}. {_proof(found)}",
        moved_scores([case.words[k] for k in which], before, after, low[which], high[which]),
        lambda: _table(case, found),
        "" if target is None else "chosen",
    )


_RANGE = "Scores move within the range seen on validation pictures, 5th to 95th percentile"
_MARKS = "A ring where the score is, a diamond where it would be"


def _none(case: Case, model: Linear, target: int | None) -> str:
    if target is None:
        return "No change of scores within their range flips the answer"
    if least_changes(model, target) is None:
        return f"No change of scores within their range makes it {case.names[target]}"
    return f"No way to {case.names[target]} was found"


def _proof(found: MinimalChange) -> str:
    if found.smallest:
        return "No smaller set does it: that is proven. Nothing says that such a picture exists"
    return "Found step by step; a smaller set may exist. Nothing says that such a picture exists"


def _table(case: Case, found: MinimalChange) -> Table:
    low, high = case.reach
    return {
        "concept": [case.words[c.concept] for c in found.changes],
        "score": [cell(c.before) for c in found.changes],
        "would be": [cell(c.after) for c in found.changes],
        "lowest seen": [cell(low[c.concept]) for c in found.changes],
        "highest seen": [cell(high[c.concept]) for c in found.changes],
    }
