"""What clicks are worth: accuracy against concepts set, by policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from engine.analyses.curves import Curves
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.repair.oracles import ASSUMES
from engine.exhibits.words import SPLITS
from engine.figures import intervention as charts
from engine.figures.look import percent
from engine.figures.policy_areas import area_bars
from engine.figures.scenario import change, tenths
from engine.interventions.base import POLICIES
from engine.interventions.evidence import LEVELS
from engine.params import Value

if TYPE_CHECKING:
    from engine.jobs.analyses import Result

DEFAULTS: Mapping[str, Value] = Curves().to_mapping()
"""What the analysis `curves` assumes where nobody says otherwise."""

POLICY_CURVES = kind(
    "policies",
    "repair",
    Lesson(
        what="How many pictures the model gets right when a person answers about one concept of each after another. "
        "One line for each way of choosing what to ask next.",
        why="A person's time is dear. A good way of asking reaches the same accuracy with fewer answers.",
        reading="Higher and sooner is better. Compare every line with the dashed one, which asks in random order. "
        "Dotted lines know the answers beforehand: nobody could ask like that, they show what is possible.",
        caveats="The person is simulated and answers as the caption says. Real people tire and err. Which lines can be "
        "told from the dashed one is said below, with intervals.",
    ),
    ("policy", "answers", "levels"),
)
OLD_NEW = kind(
    "policies-old-new",
    "repair",
    Lesson(
        what="The best way of asking, once for pictures of classes learnt earlier and once for those of the newest "
        "task.",
        why="Old classes are where a continual learner forgets. If answers help them more, a person can make up for "
        "some of the forgetting.",
        reading="Compare how far each line climbs from its left end. A steep climb of the old classes means that their "
        "concepts were lost rather than their weights.",
        caveats="The newest task has few classes, so its line is less certain. After the first task nothing is old.",
    ),
    ("policy", "old_accuracy", "new_accuracy"),
)
AREAS = kind(
    "policy-areas",
    "repair",
    Lesson(
        what="Each way of asking as one number: the mean accuracy over all clicks, against that of a random order.",
        why="One number a policy lets you rank them at a glance, and shows which are worse than not thinking at all.",
        reading="A bar whose whisker stays right of zero asks better than chance, left of it worse; one whose whisker "
        "crosses zero cannot be told from it. Hatched bars look at the answers first: they are bounds and not choices.",
        caveats="The whiskers cover the choice of pictures, not that of the seed of this one run. The number sums up a "
        "whole line: two policies with the same area can be good at different moments.",
    ),
    ("intervention_area",),
)


@dataclass(frozen=True)
class CurveSet:
    """What the analysis `curves` found.

    Attributes:
        found: its arrays.
        settings: what it was asked, with defaults.
    """

    found: Result
    settings: Mapping[str, Value]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The policies."""
        return tuple(self.found["policy"].tolist())

    @cached_property
    def titles(self) -> dict[str, str]:
        """What the policies are called on screen."""
        return {name: POLICIES.title(name) for name in self.names}

    @cached_property
    def areas(self) -> charts.Areas:
        """The area under every line."""
        gain = self.found["gain"], self.found["low"], self.found["high"]
        return charts.areas_of(self.names, self.found["bound"], self.found["accuracy"], gain)

    def short(self, policy: str) -> str:
        """A policy's name without what it does."""
        return self.titles[policy].partition(":")[0]

    @property
    def forgotten(self) -> int:
        """How many images were right when learnt and are wrong now."""
        return int(self.found["forgotten"])


def summary(curves: CurveSet) -> str:
    """Who was asked about what, and what all answers together are worth; a sentence without its full stop."""
    found, settings = curves.found, curves.settings
    before, after = float(found["accuracy"][0, 0, 0]), float(found["every"][0])
    share = float(settings["competence"])
    who = "always right" if share == 1.0 else f"right {percent(share)} of the time"
    knows, evidence = ASSUMES[str(settings["truth"])], LEVELS[str(settings["levels"])]
    return (
        f"{int(found['images']):,} images, {int(found['concepts'])} facts to ask about; it assumes {knows}, and is "
        f"{who}; {evidence.said}. Answering all: {percent(before, 1)} to {percent(after, 1)}, {change(after - before)}"
    )


def lines(curves: CurveSet) -> Exhibit:
    """Accuracy by concepts set, one line a policy."""
    accuracy, every = curves.found["accuracy"][:, 0], float(curves.found["every"][0])
    split = str(curves.settings["split"])
    return Exhibit(
        POLICY_CURVES,
        charts.headline(curves.areas, accuracy, curves.titles),
        f"Accuracy by concepts set of each image, {SPLITS.get(split, split).lower()}; dotted lines know the answers "
        "and are bounds",
        charts.policy_lines(curves.names, accuracy, every, curves.titles),
        lambda: charts.curves_table(curves.names, accuracy, curves.titles),
    )


def old_new(curves: CurveSet) -> Exhibit:
    """The best policy that a person could follow, on old classes and on new ones."""
    best = curves.areas.best() or 0
    accuracy = curves.found["accuracy"][best]
    gains = accuracy[1:, -1] - accuracy[1:, 0]
    if np.isfinite(gains).all():
        told = f"Old classes: {change(float(gains[0]))}, new ones: {tenths(float(gains[1]))}"
    else:
        told = "Old and new can be compared from the second task on"
    return Exhibit(
        OLD_NEW,
        told,
        f"Accuracy by concepts set when {curves.short(curves.names[best])} asks, for classes of earlier tasks "
        "and of the newest",
        charts.old_new_lines(accuracy),
        lambda: charts.old_new_table(accuracy),
    )


def areas(curves: CurveSet) -> Exhibit:
    """What each policy's area gains on the random order."""
    return Exhibit(
        AREAS,
        charts.against_chance(curves.areas, curves.titles),
        "Mean accuracy over the clicks, in points beyond the random order, with 95 % intervals over the images",
        area_bars(curves.areas, curves.titles),
        lambda: charts.areas_table(curves.areas, curves.titles),
    )
