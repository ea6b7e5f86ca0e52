"""Which picture a report or a story is about, where nobody has chosen one, and why that one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats, Ints
from engine.exhibits.case import Case

if TYPE_CHECKING:
    from engine.session.lab import Lab

_RULES = {
    "forgotten": "of the test images{whose} that are wrong now, it was right after the most tasks; of equals, it is "
    "wrong by least",
    "wrong": "no test image{whose} was forgotten, and of those that are wrong it is wrong by least",
    "right": "no test image{whose} is wrong, and it is right by least",
}


@dataclass(frozen=True, slots=True)
class TellingImage:
    """The picture that has most to tell.

    Attributes:
        ref: its name (see `engine.session.subjects`).
        forgotten: whether it was right once and is wrong now.
        rule: how it was chosen, for a caption; begins small and has no full stop.
    """

    ref: str
    forgotten: bool
    rule: str


def telling(lab: Lab, moment: int, split: str = "test", position: int | None = None) -> TellingImage:
    """The image of a test split that was right longest and is wrong after `moment`.

    Args:
        position: of a class in the order of learning, to look among its images alone.
    """
    sample = lab.sample(split, moment)
    labels = np.asarray(sample.labels.numpy())
    often, now = often_right(lab, split, moment, labels), lab.predicted(split, moment) == labels
    mine = np.ones(len(labels), np.bool_) if position is None else labels == position
    wrong = mine & ~now
    if (often[wrong] > 0).any():
        kind, among = "forgotten", wrong & (often == often[wrong].max())
    elif wrong.any():
        kind, among = "wrong", wrong
    else:
        kind, among = "right", mine
    places = np.flatnonzero(among)
    logits = np.asarray(lab.snapshot(moment).from_features(sample.features[places]).logits.numpy())
    lead = margins(logits, labels[places])
    return TellingImage(
        f"{split}:{sample.rows[places[int(np.abs(lead).argmin())]]}",
        kind == "forgotten",
        _RULES[kind].format(whose=whose(position)),
    )


def look(lab: Lab, moment: int, ref: str) -> Case:
    """Show the image named `ref` to the model after a moment.

    Raises:
        BadInput: nothing has this name.
    """
    from engine.session.subjects import subject

    return Case(lab, moment, subject(lab, ref, moment))


def whose(position: int | None) -> str:
    """How a rule says among which images it looked.

    Args:
        position: of a class, or None for all images.
    """
    return "" if position is None else " of its class"


def often_right(lab: Lab, split: str, moment: int, labels: Ints) -> Ints:
    """After how many of the tasks before `moment` each image was right, [N]."""
    count = np.zeros(len(labels), np.int64)
    for task in range(moment):
        then = lab.predicted(split, task)
        count[: len(then)] += then == labels[: len(then)]
    return count


def margins(logits: Floats, labels: Ints) -> Floats:
    """Logit of the true class minus the largest other, [N, C] -> [N]."""
    rows = np.arange(len(labels))
    others = logits.copy()
    others[rows, labels] = -np.inf
    return np.asarray(logits[rows, labels] - others.max(1))
