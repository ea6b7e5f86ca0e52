"""The model leans on a group of concepts: how much, and what each repair gives and costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.figures.look import MINUS, percent
from engine.figures.scenario import change, repair_plane, repair_table
from engine.interventions.evidence import CHOICES, EARLIER, Evidence

if TYPE_CHECKING:
    from engine.jobs.analyses import Result

LEANS = 0.05
"""A fall of validation accuracy elsewhere that is worth the word."""

REPAIRS = kind(
    "repairs",
    "repair",
    Lesson(
        what="Several ways to make the model lean less on a group of concepts, each as a point: how many validation "
        "pictures are right at home, and how many of the same pictures somewhere else.",
        why="A model that knows a class by its background fails where the background changes. Most repairs cost "
        "something at home; here you see the bargain.",
        reading="Up is better elsewhere, right is better at home. The arrow leads from the run to the repair that is "
        "offered. Good repairs go up without going left.",
        caveats="Both axes are validation pictures of all tasks: the test pictures had no say. A learner that keeps no "
        "pictures could not draw this chart, but it can choose by its class statistics.",
    ),
    ("repair_choice", "moved_validation", "nec"),
)


def exhibit(found: Result, group: str, names: Mapping[str, str], way: Evidence) -> Exhibit:
    """Every repair that was measured.

    Args:
        found: by the analysis of repairs.
        group: the group of concepts it is about.
        names: what the splits are called.
        way: what the offer is chosen on.
    """
    accuracy, first = found["accuracy"], offered(found, way)
    titles, splits = [str(title) for title in found["title"]], [names[str(split)] for split in found["split"]]
    return Exhibit(
        REPAIRS,
        _told(found, group, first),
        f"Every repair by validation: images as they are, against {_elsewhere(found, group)}: {EARLIER}. The offer is "
        f"{way.said}. The test rows had no say in it",
        repair_plane(titles, accuracy[:, 0], accuracy[:, 1], first, (float(found["ncm"][0]), float(found["ncm"][1]))),
        lambda: repair_table(
            [*titles, "Nearest class mean, for comparison"],
            splits,
            np.vstack([accuracy, found["ncm"]]),
            np.append(found["nec"], np.nan),
            [*(str(reason) for reason in found["why_not"]), ""],
        ),
    )


def ways(found: Result) -> dict[str, Evidence]:
    """What the offer can be chosen on, what takes least for granted first; empty where no repair can be done."""
    return {name: way for name, way in CHOICES.items() if len(found[f"order_{name}"])}


def order(found: Result, way: Evidence) -> list[int]:
    """Places of the repairs that can be done, the best first."""
    return [int(place) for place in found[f"order_{way.name}"]]


def offered(found: Result, way: Evidence) -> int | None:
    """The repair that is offered first, or None where none can be done."""
    return next(iter(order(found, way)), None)


def _told(found: Result, group: str, first: int | None) -> str:
    accuracy = found["accuracy"]
    lost = accuracy[0, 0] - accuracy[0, 1]
    if lost < LEANS:
        return f"It hardly leans on {group}: elsewhere it loses {change(-lost).lstrip(MINUS)}"
    told = f"It leans on {group}: elsewhere {percent(accuracy[0, 1])} instead of {percent(accuracy[0, 0])}"
    if first is None:
        return told
    gain, cost = accuracy[first, 1] - accuracy[0, 1], accuracy[first, 0] - accuracy[0, 0]
    return f"{told}. A repair gives {change(gain)} there, {change(cost)} at home"


def _elsewhere(found: Result, group: str) -> str:
    if str(found["how"]) == "drawn":
        return "the same validation birds drawn again in another habitat"
    return (
        f"validation images whose part along the words about {group} was swapped with another's: a stand-in that "
        "flatters repairs which take out that part"
    )
