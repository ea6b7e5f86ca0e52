"""What would be seen if nothing were behind it: the worst of several falls, and mistakes between tasks.

Both answer "compared with what?". The worst of many is bad even where all are alike, and mistakes go to look-alikes
wherever these were dealt.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats, Ints

DRAWS, SEED = 4000, 1993
"""Deals of classes to tasks, and the seed they are drawn with: a p-value near 0.05 is then known to 0.007 (2 s.e.)."""


@dataclass(frozen=True, slots=True)
class Worst:
    """The worst of several losses, against the worst of as many that are all alike.

    Attributes:
        pooled: share of the pictures once right that is lost over all tasks, 0..1.
        expected: mean of the worst loss if every task lost pictures at that rate, as a share of a task's pictures.
        chance: probability of a worst loss as large as the one seen, or larger, if they did.
    """

    pooled: float
    expected: float
    chance: float


def worst_of(lost: Ints, known: Ints, images: Ints) -> Worst:
    """Compare the largest loss with its own null: the largest of binomials, exactly.

    Under the null every picture that was right at its task's best is lost with one probability, the pooled one. What a
    task won back meanwhile is netted against what it lost, so the true spread is a little wider than the binomial's.

    Args:
        lost: [T], pictures right at the task's best minus right now.
        known: [T], pictures right at its best.
        images: [T], all pictures of the task, above 0.
    """
    from scipy.special import bdtr  # 0.15 s

    rate = float(np.clip(lost.sum() / max(1, int(known.sum())), 0.0, 1.0))
    shares = [np.arange(int(n) + 1) / int(size) for n, size in zip(known, images, strict=True)]
    sums = [bdtr(np.arange(int(n) + 1), int(n), rate) for n in known]
    support = np.unique(np.concatenate(shares))  # values that a worst loss can have
    below = np.ones(len(support))  # P(worst <= value)
    for own, cumulated in zip(shares, sums, strict=True):
        below *= cumulated[np.searchsorted(own, support, side="right") - 1]
    mass = np.diff(below, prepend=0.0)
    seen = float((lost / images).max())
    return Worst(rate, float((mass * support).sum()), float(mass[support >= seen - 1e-12].sum()))


def between_tasks(
    confusion: Ints, owners: Ints, groups: Ints | None = None, draws: int = DRAWS, seed: int = SEED
) -> tuple[float, Floats]:
    """Share of mistakes that go to another task, and that share if classes had been dealt to the tasks otherwise.

    The mistakes between classes are kept as they are; only which task brought which class is drawn anew, with as many
    classes a task. Where `groups` are given (look-alikes), classes change places within their group only, so that
    tasks hold as many look-alikes as they do: a design that parts them explains its own mistakes.

    Args:
        confusion: [C, C], true by predicted.
        owners: [C], task of each class.
        groups: [C], group of each class.

    Returns:
        the share seen, 0..1, NaN without mistakes, and those of the draws, [draws].
    """
    wrong = confusion - np.diag(np.diag(confusion))
    true, taken = np.nonzero(wrong)
    count = wrong[true, taken]
    if not len(count):
        return math.nan, np.full(draws, math.nan)
    rng = np.random.default_rng(seed)
    kinds = np.zeros(len(owners), np.int64) if groups is None else groups
    dealt = np.tile(owners, (draws, 1))  # [draws, C]
    for kind in np.unique(kinds):
        members = np.flatnonzero(kinds == kind)
        dealt[:, members] = rng.permuted(dealt[:, members], axis=1)
    apart = (dealt[:, true] != dealt[:, taken]) @ count / count.sum()
    return float(((owners[true] != owners[taken]) * count).sum() / count.sum()), np.asarray(apart, np.float64)
