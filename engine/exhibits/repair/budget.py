"""What a budget of clicks over all images brings back of what was forgotten."""

from __future__ import annotations

import numpy as np

from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.repair.curves import CurveSet
from engine.figures.budget import budget_lines, budget_table, sentence

_FIRST_POLICY, _FIRST_BUDGET = "ectp", 1000
"""The planner's choices where nobody has made any."""
_STEPS = (10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000, 1_000_000)

BUDGET = kind(
    "click-budget",
    "repair",
    Lesson(
        what="Which share of the forgotten pictures becomes right again, for a number of answers that a person gives "
        "over all pictures together.",
        why="It answers what a manager would ask: what do a thousand clicks buy?",
        reading="Find your number of clicks on the lower axis, which grows tenfold from mark to mark, and read how "
        "much is recovered. The dotted orange line is what breaks on the way; it should stay low.",
        caveats="Nobody tells the planner which pictures were forgotten, so many answers go to pictures that were "
        "right. Recovered means right once answered, not remembered.",
    ),
    ("recovered",),
)


def budgets(curves: CurveSet) -> list[int]:
    """Budgets to choose from, the last one for everything."""
    most = int(curves.found["budget"].max())
    return [*(step for step in _STEPS if step < most), most]


def first(curves: CurveSet) -> tuple[str, int]:
    """Policy and budget where nobody has chosen any."""
    steps, names = budgets(curves), curves.names
    policy = _FIRST_POLICY if _FIRST_POLICY in names else names[0]
    return policy, _FIRST_BUDGET if _FIRST_BUDGET in steps else steps[len(steps) // 2]


def exhibit(curves: CurveSet, policy: str, clicks: int) -> Exhibit | None:
    """What a budget recovers; None where nothing was forgotten.

    Args:
        policy: whose line stands out.
        clicks: the reader's budget.
    """
    found, forgotten = curves.found, curves.forgotten
    if not forgotten:
        return None
    mine = curves.names.index(policy)
    parts = found["budget"][mine].astype(np.int64), found["recovered"][mine], found["broken"][mine], forgotten
    return Exhibit(
        BUDGET,
        sentence(*parts, clicks),
        f"Recovered share of what was forgotten, by clicks over all images, as {curves.short(policy)} asks; the "
        "dotted orange line is what breaks",
        budget_lines(
            found["budget"].astype(np.int64),
            found["recovered"],
            found["broken"],
            forgotten,
            curves.names,
            curves.titles,
            policy,
            clicks,
        ),
        lambda: budget_table(*parts),
    )
