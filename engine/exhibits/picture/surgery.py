"""One drawn bird before and after a change: both pictures, what concepts add to the answer, and what the change moved.

`before` and `after` are the answers to the two birds (see `birds.asked`); they are one and the same while nothing is
changed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from engine.data.aviary.render import render
from engine.exhibits.exhibit import Exhibit, Lesson, Plate, kind
from engine.exhibits.naming import differing, title_of, told
from engine.exhibits.picture.birds import BirdAnswer
from engine.explain.wording import an, signed
from engine.figures import effects as charts
from engine.figures.contributions import contribution_bars, contributions_table
from engine.figures.heat import data_address
from engine.figures.look import certainty
from engine.figures.odds import TRUE, odds
from engine.figures.tables import Table, cell

if TYPE_CHECKING:
    from engine.explain.contributions import Contributions
    from engine.model.snapshot import Snapshot

BIRD = kind(
    "redrawn",
    "picture",
    Lesson(
        what="The same drawn bird twice, with one thing about it changed, and what the model takes each for.",
        why="With photographs nobody can change a crown and keep everything else. Here the drawing can, so whatever "
        "happens to the answer was caused by that one change.",
        reading="See what differs between the pictures, then whether the name below them changed. Good is a name that "
        "follows what makes the species, and ignores the place where the bird sits.",
        caveats="It is one bird. Another of the same species may be held or lost by the same change; the causal "
        "effects count many.",
    ),
    ("class_probability",),
)
ANSWERS = kind(
    "redrawn-answers",
    "picture",
    Lesson(
        what="The classes that the model finds likeliest for the drawn bird, each with its probability before the "
        "change and after it.",
        why="A change that leaves the answer as it is may still have shaken it; here you see how much.",
        reading="Look at the class marked “true”, and at whichever grew instead. Good is a class that loses its lead "
        "only where the change belongs to what makes the species.",
        caveats="The probability is the model's own opinion of itself. After a change the bird may belong to no "
        "species at all, and the model has to name one all the same.",
    ),
    ("class_probability",),
)
BEFORE_AFTER = kind(
    "redrawn-before-after",
    "picture",
    Lesson(
        what="What each concept adds to one class's score, before the change and after it.",
        why="A model that looks where its words say should move the concept that was changed and leave the others.",
        reading="Look for pairs whose two bars differ. They should belong to what was changed.",
        caveats="Only the largest and the most moved concepts are drawn. Many small ones can add up; the chart of the "
        "change and the table count them all.",
    ),
    ("class_probability",),
)
MOVED = kind(
    "redrawn-moved",
    "picture",
    Lesson(
        what="By how much each concept's part of the score changed when the bird did.",
        why="It tells through which words the change reached the answer. Concepts of other parts that move are leaks.",
        reading="The longest bar is the concept that carried the change. All bars together are the change of "
        "the logit.",
        caveats="The change of one score says little alone: another class may have gained more. The probabilities "
        "beside the pictures compare them all.",
    ),
    ("contribution",),
)
TOP = 9
"""Concepts shown one by one."""
_PLATE = 448
"""Pixels of a bird for people."""
_LEAST = 0.005
"""A change smaller than this is not worth a sentence."""
_CANCELS = "bias (cancels)"


def bird(before: BirdAnswer, after: BirdAnswer, names: Sequence[str]) -> Exhibit:
    """Both pictures with what the model says of each.

    Args:
        names: of the classes seen, by position.
    """
    change = told(before.bird.values, after.bird.values)
    plates = tuple(
        Plate(
            data_address(render(one.bird, _PLATE)),
            f"{when}: taken for {an(names[one.predicted])}",
            f"{certainty(one.sure)} sure",
        )
        for when, one in (("Before", before), ("After", after))
    )
    return Exhibit(BIRD, headline(before, after, names), f"The same bird drawn again: {change}", plates)


def answers(before: BirdAnswer, after: BirdAnswer, names: Sequence[str], label: int | None) -> Exhibit:
    """The likeliest classes of both pictures, or of the one while nothing is changed.

    Args:
        label: position of the class it was before the change, or None where it is of none that is known.
    """
    changed = after.bird != before.bird
    return Exhibit(
        ANSWERS,
        headline(before, after, names),
        f"Probabilities among {len(names)} classes",
        odds(names, before.probabilities, after.probabilities if changed else None, {TRUE: label}),
        lambda: _answers_table(before, after, names),
    )


def _answers_table(before: BirdAnswer, after: BirdAnswer, names: Sequence[str]) -> Table:
    order = np.argsort(-np.maximum(before.probabilities, after.probabilities), kind="stable").tolist()
    return {
        "class": [names[c] for c in order],
        "before": [cell(before.probabilities[c]) for c in order],
        "now": [cell(after.probabilities[c]) for c in order],
    }


def headline(before: BirdAnswer, after: BirdAnswer, names: Sequence[str]) -> str:
    """The finding in one sentence, plain text."""
    changed = differing(before.bird.values, after.bird.values)
    if not changed:
        return f"Taken for {an(names[before.predicted])}, {certainty(before.sure)} sure"
    count = f"Another {' and '.join(map(title_of, changed))}" if len(changed) < 3 else f"{len(changed)} changes"
    still = "" if before.predicted != after.predicted else "still "
    return f"{count}, and it {still}sees {an(names[after.predicted])}, {certainty(after.sure)} sure"


def before_after(snapshot: Snapshot, before: BirdAnswer, after: BirdAnswer, position: int, name: str) -> Exhibit:
    """What the concepts added to one class's logit, and what they add now."""
    was, now = (_added(snapshot, one, position) for one in (before, after))
    shown, texts = charts.largest(was.values, now.values, TOP), _texts(snapshot)
    pair = ([texts[k] for k in shown], was.values[shown], now.values[shown])
    return Exhibit(
        BEFORE_AFTER,
        f"{name[:1].upper()}{name[1:]}: logit {_plain(was.logit)} before, {_plain(now.logit)} after",
        "What each concept adds to this class's logit, against an average bird",
        charts.paired_bars(*pair),
        lambda: charts.paired_table(*pair),
    )


def moved(snapshot: Snapshot, before: BirdAnswer, after: BirdAnswer, position: int, name: str) -> Exhibit:
    """The difference of the two sums, which adds up to the change of the logit."""
    from engine.explain.contributions import Contributions, bars

    was, now = (_added(snapshot, one, position) for one in (before, after))
    change = now.logit - was.logit
    side = None if now.side is None or was.side is None else now.side - was.side
    parts = Contributions(now.values - was.values, 0.0, change, side, now.side_name)
    found = bars(parts, _texts(snapshot), TOP)
    size = f"{abs(change):.2f} logits"
    said = f"The change took {size} from {name}" if change < 0 else f"The change gave {name} {size}"
    return Exhibit(
        MOVED,
        f"The change left {name} where it was" if abs(change) < _LEAST else said,
        "After minus before, concept by concept; the parts add up to the change of the logit",
        contribution_bars(found, "change", constant=_CANCELS),
        lambda: contributions_table(found, "change", _CANCELS),
    )


def _added(snapshot: Snapshot, answer: BirdAnswer, position: int) -> Contributions:
    from engine.explain.contributions import contributions, mean_scores

    return contributions(snapshot, answer.feature, position, means=mean_scores(snapshot))


def _texts(snapshot: Snapshot) -> list[str]:
    return [concept.text for concept in snapshot.bank.concepts]


def _plain(value: float) -> str:
    return signed(value, 2).lstrip("+")
