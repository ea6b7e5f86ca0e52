"""How rightly concepts are seen on pictures whose truth people marked: AUC with its interval, given enough marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Bools, Floats, Ints
from engine.metrics.chance import auc_interval
from engine.metrics.concepts import concept_auc

if TYPE_CHECKING:
    from engine.session.lab import Lab
    from engine.session.marked import Marked

LEAST = 5
"""Marks of either kind, true and false, below which nothing is said of a concept."""
SPLIT = "test"
"""The pictures that are marked: those that nothing was learnt from."""


@dataclass(frozen=True, slots=True)
class Judged:
    """K concepts against what was marked.

    Attributes:
        auc, low, high: AUC and the ends of its 95 % interval, [K]; NaN where too little is marked.
        true, false: pictures that were marked as having the concept, and as not having it, [K].
        said: whether a concept is true of a picture, by the picture's row and the concept's number, as it was marked.
    """

    auc: Floats
    low: Floats
    high: Floats
    true: Ints
    false: Ints
    said: Mapping[tuple[int, int], bool]

    @property
    def enough(self) -> Bools:
        """Which concepts can be judged, [K]."""
        return np.asarray((self.true >= LEAST) & (self.false >= LEAST), np.bool_)

    @property
    def marks(self) -> int:
        """How many marks there are."""
        return int(self.true.sum() + self.false.sum())


def judged(scores: Floats, marked: Marked) -> Judged:
    """Judge concepts by what is marked.

    Args:
        scores: [N, K], of the pictures that `marked` is about.
    """
    true, false = (marked.known & marked.truth).sum(0), (marked.known & ~marked.truth).sum(0)
    found = np.full((3, scores.shape[1]), np.nan)
    for k in np.flatnonzero((true >= LEAST) & (false >= LEAST)):
        said = marked.known[:, k]
        auc = float(concept_auc(scores[said][:, [k]], marked.truth[said][:, [k]])[0])
        low, high = auc_interval(auc, int(true[k]), int(false[k]))
        found[:, k] = auc, low, high
    return Judged(found[0], found[1], found[2], true.astype(np.int64), false.astype(np.int64), marked.said)


def interval(judged: Judged, concept: int) -> str:
    """The 95 % interval of a concept's AUC in words; empty where it cannot be judged."""
    low, high = judged.low[concept], judged.high[concept]
    return f"{low:.2f} to {high:.2f}" if np.isfinite(low) else ""


def scores_of(lab: Lab, moment: int) -> Floats:
    """Concept scores [N, K] of the test pictures of the classes learnt, by the model after a moment."""
    features = lab.sample(SPLIT, moment).features
    return np.asarray(lab.snapshot(moment).from_features(features).scores.double().numpy())


def by_marks(lab: Lab, moment: int) -> Judged | None:
    """The concepts after a moment, judged by the run's marks; None where there are none, or the truth is known.

    Raises:
        StoreDamaged: a mark is not as it was written.
    """
    from engine.session.marked import marked

    if lab.config.source.tells_truth or not (marks := lab.view.marks):
        return None
    rows, bank = lab.sample(SPLIT, moment).rows, lab.snapshot(moment).bank
    return judged(scores_of(lab, moment), marked(lab, SPLIT, rows, bank, marks))


def through(lab: Lab, done: int) -> list[Judged]:
    """The concepts after each of `done` tasks, judged by marks; empty where `by_marks` gives none. Raises as that."""
    found = [by_marks(lab, task) for task in range(done)]
    return [one for one in found if one is not None]
