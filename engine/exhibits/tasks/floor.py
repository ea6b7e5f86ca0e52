"""The floor beside forgetting: what references lose that forget nothing, because there is more to choose among."""

from __future__ import annotations

import math

from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.words import SPLITS
from engine.figures.floor import floor_bars, floor_table, lost
from engine.interventions.evidence import EARLIER, JOINT
from engine.session.floor import Floor

FLOOR = kind(
    "forgetting-floor",
    "tasks",
    Lesson(
        what="How many points earlier tasks lost on average: by this run, by a model that saw everything at once, and "
        "by the best answer that anybody could give.",
        why="With every task there are more classes to choose among, and the same picture gets harder. What references "
        "lose that forget nothing is the price of that, and no fault of the method.",
        reading="What the run loses beyond the hatched bars is forgotten. A run at the height of the joint bar has "
        "forgotten next to nothing.",
        caveats="The joint reference keeps the images of all tasks, so it is no method for this setting. The Bayes-"
        "optimal answer is told each picture's true attributes, and exists for drawn pictures only.",
    ),
    ("forgetting", "forgetting_floor"),
)


def exhibit(found: Floor, split: str) -> Exhibit | None:
    """Run and references; None before the second task, or where no reference is known."""
    rows = (("This run", found.run), (found.joint_name, found.joint), ("Bayes-optimal, told the truth", found.bayes))
    known = [(name, value) for name, value in rows if math.isfinite(value)]
    if not math.isfinite(found.run) or len(known) < 2:
        return None
    names, values = [name for name, _ in known], [value for _, value in known]
    return Exhibit(
        FLOOR,
        f"This run lost {lost(found.run)} points. References that forget nothing: {found.words}",
        f"Mean loss of earlier tasks, {SPLITS.get(split, split).lower()}, choosing among all classes seen. The joint "
        f"reference, {JOINT.words}, {EARLIER}",
        floor_bars(names, values),
        lambda: floor_table(names, values),
    )
