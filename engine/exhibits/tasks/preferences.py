"""What every preference for old or new would reach, of a method that takes any without training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.missing import Missing
from engine.exhibits.words import SPLITS
from engine.figures.preferences import preference_points, preference_table
from engine.metrics.wording import percent, points

if TYPE_CHECKING:
    from engine.jobs.analyses import Result

ANALYSIS, METHOD = "preference_front", "ibcl"

PREFERENCES = kind(
    "preference-front",
    "tasks",
    Lesson(
        what="How many test pictures of earlier tasks are right, and how many of the newest, for every preference from "
        "nothing for the newest task to everything for it. The line joins those that no other preference beats.",
        why="A model that learns on has to give up something old for something new. Usually one answer to that is "
        "trained in; here each is a mixture of what is stored, and can be had at once.",
        reading="To the right more of the old is right, upwards more of the new. On the line, more of one costs some "
        "of the other. A mark below it gives something away for nothing.",
        caveats="The preference was not chosen by these test pictures, and must not be: look at validation for that. "
        "Preferences close together differ by a few pictures.",
    ),
    ("preference_front",),
)


def exhibit(found: Result, split: str, chosen: int | None = None) -> Exhibit | Missing:
    """The front.

    Args:
        found: by the analysis `preference_front`.
        chosen: place of a preference that the reader looks at.
    """
    s = found["split"].tolist().index(split)
    old, newest, every, front = (found[name][s] for name in ("old", "newest", "every", "front"))
    if not np.isfinite(old).all():
        return Missing("There is nothing to prefer yet", "With one task learnt, no task is older than the newest")
    at, tried = own(found), found["preference"]
    return Exhibit(
        PREFERENCES,
        _told(found, s, at),
        f"Accuracy on earlier tasks and on the newest, {SPLITS.get(split, split).lower()}, choosing among all classes "
        f"seen, for {len(tried)} preferences without training",
        preference_points(tried, old, newest, front, at, chosen),
        lambda: preference_table(tried, (old, newest, every), front, at),
        split,
    )


def own(found: Result) -> int:
    """Place of the preference that is nearest to the run's own."""
    return int(np.abs(found["preference"] - found["declared"]).argmin())


def _told(found: Result, s: int, at: int) -> str:
    old, newest = (float(found[name][s, at]) for name in ("old", "newest"))
    told = f"Its preference gets {percent(old)} of earlier tasks and {percent(newest)} of the newest right"
    if found["front"][s, at]:
        return f"{told}; no other gets more of one without losing some of the other"
    return f"{told}; another gets more of one and loses nothing of the other"


def reached(found: Result, split: str, place: int) -> str:
    """What a preference would reach, beside the run's own, as sentences."""
    s, at = found["split"].tolist().index(split), own(found)
    values = {name: found[name][s] for name in ("old", "newest", "every")}
    old, newest, every = (percent(float(of[place]), 1) for of in values.values())
    told = (
        f"If the newest task counts {percent(float(found['preference'][place]))}, {old} of earlier tasks are right, "
        f"{newest} of the newest, {every} of all"
    )
    if place == at:
        return f"{told}. So this run answers."
    changes = [_change(float(of[place] - of[at])) for of in values.values()]
    return f"{told}: {changes[0]}, {changes[1]} and {changes[2]} against this run. Nothing is trained for it."


def _change(difference: float) -> str:
    if abs(difference) < 0.0005:
        return "no change"
    return f"{points(abs(difference), 1)} {'more' if difference > 0 else 'less'}"
