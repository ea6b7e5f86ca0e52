"""Two backbones: the same run on another backbone, under the same attack on the same images."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats, Ints
from engine.exhibits.attack.found import Found
from engine.exhibits.attack.shifts import MEASURED
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.words import SPLITS
from engine.figures import backbones as charts
from engine.figures.robustness import Fall, strength
from engine.figures.shift import GUIDES, MEASURES
from engine.metrics.chance import difference
from engine.metrics.differences import Interval, means, paired_difference
from engine.store.view import RunView

BOTH = kind(
    "pair-accuracy",
    "attack",
    Lesson(
        what="The share of right answers of two runs that differ only in their backbone, as the attack is allowed to "
        "change more.",
        why="It shows what a defence buys under attack, and what it costs where there is none.",
        reading="At the left end nobody attacks: the gap there is the price. Further right, the higher line holds "
        "better.",
        caveats="It is one pair of runs with one seed. A defence may also make the attack's job harder without making "
        "the model safer; look for the sign of masked gradients.",
    ),
    ("robust_accuracy", "attack_strength"),
)
GAIN = kind(
    "pair-gain",
    "attack",
    Lesson(
        what="How many points more the second backbone gets right than the first, at each strength, with its 95 % "
        "interval.",
        why="Both saw the very same images, so their difference is known better than either number alone.",
        reading="Above zero the second is ahead. An interval that does not touch zero is more than the choice of "
        "images would make by chance.",
        caveats="The interval covers the choice of images, not that of the seed with which the runs were trained.",
    ),
    ("robust_accuracy", "attack_strength"),
)
TASKS = kind(
    "pair-tasks",
    "attack",
    Lesson(
        what="Each task's accuracy without an attack (open mark) and under attack (full mark), for both backbones side "
        "by side.",
        why="A defence may help old tasks and not new ones, or the other way round.",
        reading="A short line between the two marks is a task that holds. Compare the two lines of each task.",
        caveats="A task has few images, so single lines jump. A task that is forgotten has nothing left to lose, and "
        "its line is short for that reason.",
    ),
    ("robust_accuracy", "attack_strength"),
)
SHIFT = kind(
    "pair-shift",
    "attack",
    Lesson(
        what="How far the attack moves attention with each of the two backbones, as it is allowed to change more.",
        why="Defences that guide attention promise that it stays. Here that promise is checked.",
        reading="The lower line holds its gaze better.",
        caveats="Each line is a mean over the images that its own run had right, so the images are not quite the same. "
        "A map that is blurred to begin with has less to move.",
    ),
    MEASURED,
)
COST = kind(
    "pair-cost",
    "attack",
    Lesson(
        what="How many pictures of each whole test split both runs get right when nobody attacks.",
        why="A defence is paid for where there is no attack. What it costs on ordinary pictures need not be what it "
        "costs where pictures show other surroundings.",
        reading="The second mark left of the first is a price. Compare the rows: a defence that leans more on the "
        "surroundings pays more in the second.",
        caveats="It is one pair of runs with one seed. The intervals treat the two runs as if they had seen different "
        "pictures, so they are wider than they need be.",
    ),
    ("last_accuracy",),
)
KINDS = (BOTH, GAIN, COST, TASKS, SHIFT)


@dataclass(frozen=True)
class Pair:
    """The same images through two backbones.

    Attributes:
        names: of the backbones.
        found: both measurements, at the same moment.
        same: places in each of the images that both have, after the tasks so far.
        costs: what the second costs where nobody attacks, on every whole test split.
    """

    names: tuple[str, str]
    found: tuple[Found, Found]
    same: tuple[Ints, Ints]
    costs: tuple[charts.Cost, ...]

    @property
    def falls(self) -> tuple[Fall, Fall]:
        """Right answers of both by strength and task."""
        return self.found[0].fall, self.found[1].fall

    @property
    def has_maps(self) -> bool:
        """Whether maps could be made with both."""
        return all(found.has_maps for found in self.found)

    def gain(self, at: int) -> Interval:
        """Accuracy of the second minus that of the first at a strength."""
        first, second = (f.outcome[at, rows] == 1 for f, rows in zip(self.found, self.same, strict=True))
        return paired_difference(first, second)

    def gains(self) -> list[Interval]:
        """At every strength."""
        return [self.gain(at) for at in range(len(self.found[0].strengths))]


def costs(first: RunView, second: RunView, moment: int) -> tuple[charts.Cost, ...]:
    """What the second run gains on the first where nobody attacks, over each whole test split that both have."""
    return tuple(_cost(split, first, second, moment) for split in first.splits if split in second.splits)


def _cost(split: str, first: RunView, second: RunView, moment: int) -> charts.Cost:
    counts = [view.confusion(moment, split) for view in (first, second)]
    (one, of), (other, others) = ((int(np.trace(count)), int(count.sum())) for count in counts)
    gain = difference(other, others, one, of)
    return charts.Cost(SPLITS.get(split, split), one / max(of, 1), other / max(others, 1), gain)


def paired(first: Found, second: Found, views: tuple[RunView, RunView]) -> Pair:
    """Two measurements with the same settings at the same moment.

    Args:
        views: the runs they are of.
    """
    _, own, other = np.intersect1d(first.result["rows"], second.result["rows"], return_indices=True)
    learnt = (first.outcome[0, own] >= 0) & (second.outcome[0, other] >= 0)
    names = charts.short(views[0].config.backbone), charts.short(views[1].config.backbone)
    return Pair(names, (first, second), (own[learnt], other[learnt]), costs(*views, first.moment))


def both(pair: Pair, at: int) -> Exhibit:
    """Accuracy of both against strength.

    Args:
        at: the strength that is marked, a place in `strengths`.
    """
    falls, gains = pair.falls, pair.gains()
    return Exhibit(
        BOTH,
        f"Under attack at {strength(float(falls[0].strengths[at]))}: {charts.difference_words(gains[at])}",
        f"Accuracy after task {pair.found[0].moment + 1} against strength; whiskers: 95 % intervals (Wilson)",
        charts.both_curves(pair.names, falls, at),
        lambda: charts.both_table(pair.names, falls, gains),
    )


def gain(pair: Pair) -> Exhibit:
    """What the second gains on the first at each strength."""
    falls, gains = pair.falls, pair.gains()
    return Exhibit(
        GAIN,
        f"On the attacked images before the attack: {charts.difference_words(gains[0])}",
        f"{pair.names[1]} minus {pair.names[0]}, 95 % intervals for the same images seen through both",
        charts.gain_marks(falls[0].strengths, gains),
        lambda: charts.both_table(pair.names, falls, gains),
    )


def cost(pair: Pair) -> Exhibit:
    """Both on every whole test split where nobody attacks."""
    return Exhibit(
        COST,
        charts.cost_words(pair.costs),
        f"Accuracy over whole test splits after task {pair.found[0].moment + 1}, nobody attacking; {pair.names[1]} "
        f"minus {pair.names[0]} with 95 % intervals (Agresti and Caffo)",
        charts.cost_marks(pair.names, pair.costs),
        lambda: charts.cost_table(pair.names, pair.costs),
    )


def tasks(pair: Pair, at: int) -> Exhibit:
    """Each task clean and under attack, for both."""
    falls = pair.falls
    return Exhibit(
        TASKS,
        charts.task_words(pair.names, falls, at),
        f"Each task clean (open) and under attack at {strength(float(falls[0].strengths[at]))} (full), after task "
        f"{pair.found[0].moment + 1}",
        charts.task_pairs(pair.names, falls, at),
        lambda: charts.task_table(pair.names, falls, at),
    )


def shift(pair: Pair, at: int, measure: str, guide: str) -> Exhibit:
    """How far attention of both moves, on the images that each of them had right; both have maps."""
    shifts = [_means(found, measure, guide) for found in pair.found]
    here = [float(mean[at - 1]) for mean, _, _ in shifts]
    held = int(here[1] < here[0])
    strengths = pair.found[0].strengths[1:]
    return Exhibit(
        SHIFT,
        f"Attention of {pair.names[held]} moves less" if here[0] != here[1] else "Attention of both moves alike",
        f"{MEASURES[measure]}; {GUIDES.get(guide, guide).lower()}; images each had right; whiskers: 95 % intervals",
        charts.shift_curves(pair.names, strengths, shifts, MEASURES[measure].lower()),
        lambda: charts.shift_pair_table(pair.names, strengths, shifts),
    )


def _means(found: Found, measure: str, guide: str) -> tuple[Floats, Floats, Floats]:
    values = [
        found.shift(at, measure)[found.moment, :, found.guides.index(guide)] for at in range(1, len(found.strengths))
    ]
    return means(np.stack(values))
