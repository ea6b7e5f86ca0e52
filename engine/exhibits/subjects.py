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
    "forgotten": "of the test images that are wrong now, the one that was right after the most tasks; of equals, the "
    "one that is wrong by least",
    "wrong": "no test image was forgotten, so of those that are wrong the one that is wrong by least",
    "right": "no test image is wrong, so the one that is right by least",
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


def telling(lab: Lab, moment: int, split: str = "test") -> TellingImage:
    """The image of a test split that a report shows: the one that was right longest and is wrong after `moment`."""
    sample = lab.sample(split, moment)
    labels = np.asarray(sample.labels.numpy())
    often, now = often_right(lab, split, moment, labels), lab.predicted(split, moment) == labels
    if (often[~now] > 0).any():
        kind, among = "forgotten", ~now & (often == often[~now].max())
    elif not now.all():
        kind, among = "wrong", ~now
    else:
        kind, among = "right", now
    places = np.flatnonzero(among)
    logits = np.asarray(lab.snapshot(moment).from_features(sample.features[places]).logits.numpy())
    lead = _margins(logits, labels[places])
    return TellingImage(f"{split}:{sample.rows[places[int(np.abs(lead).argmin())]]}", kind == "forgotten", _RULES[kind])


def look(lab: Lab, moment: int, ref: str) -> Case:
    """Show the image named `ref` to the model after a moment.

    Raises:
        BadInput: nothing has this name.
    """
    from engine.session.subjects import subject

    return Case(lab, moment, subject(lab, ref, moment))


def often_right(lab: Lab, split: str, moment: int, labels: Ints) -> Ints:
    """After how many of the tasks before `moment` each image was right, [N]."""
    count = np.zeros(len(labels), np.int64)
    for task in range(moment):
        then = lab.predicted(split, task)
        count[: len(then)] += then == labels[: len(then)]
    return count


def _margins(logits: Floats, labels: Ints) -> Floats:
    """Logit of the true class minus the largest other, [N]."""
    rows = np.arange(len(labels))
    others = logits.copy()
    others[rows, labels] = -np.inf
    return np.asarray(logits[rows, labels] - others.max(1))
