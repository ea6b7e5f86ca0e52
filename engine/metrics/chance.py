"""Whether a number is more than chance: limits for shares, differences and AUCs.

Who looks at many numbers and tells of the largest finds something even where there is nothing. So most functions take
`comparisons`, how many were looked at, and share the risk of 5 % among them (Bonferroni).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from statistics import NormalDist

from engine.metrics.differences import NAN, Interval

_HALVINGS = 50  # of a search for the end of an interval: down to the last bit that matters
RISK = 0.05
"""Chance of a finding where there is nothing to find, over all comparisons together."""


def quantile(comparisons: int = 1, sides: int = 2) -> float:
    """How many standard errors an interval reaches; 1.96 to each side for a single comparison.

    Args:
        sides: 1 where only falls, or only the lowest, are looked for.
    """
    return NormalDist().inv_cdf(1 - RISK / (sides * max(1, comparisons)))


def difference(right: int, count: int, other: int, others: int, comparisons: int = 1) -> Interval:
    """Share `right` of `count` minus share `other` of `others`, -1..1, with its interval; NaN without images.

    Agresti & Caffo 2000, Simple and effective confidence intervals: as if the images were different ones. Where both
    shares are of the same images, the interval is wider than it need be, never the other way round, as long as an
    image that is right in one is no less likely right in the other.
    """
    if not count or not others:
        return Interval(NAN, NAN, NAN, 0)
    first, second = (right + 1) / (count + 2), (other + 1) / (others + 2)
    error = math.sqrt(first * (1 - first) / (count + 2) + second * (1 - second) / (others + 2))
    half, middle = quantile(comparisons) * error, first - second
    return Interval(right / count - other / others, max(-1.0, middle - half), min(1.0, middle + half), count + others)


def tail(hits: int, trials: int, share: float) -> float:
    """Probability of `hits` or more of `trials` if each is one with probability `share`, 0..1 (binomial)."""
    from scipy.special import bdtrc  # 0.15 s

    return float(bdtrc(hits - 1, trials, share)) if hits <= trials else 0.0


def guessed(right: int, count: int, classes: int) -> bool:
    """Whether a choice among `classes` that is right `right` of `count` times may be no more than guessing.

    Guessing would be right as often or more often with a probability above 5 % (binomial). A single class, or no image,
    says nothing about it: False.
    """
    return classes > 1 and count > 0 and tail(right, count, 1 / classes) > RISK


def auc_error(auc: float, positives: int, negatives: int) -> float:
    """Standard error of an AUC, of independent images (Hanley & McNeil 1982); NaN without one of the two kinds."""
    if positives < 1 or negatives < 1:
        return NAN
    two_positives, two_negatives = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    variance = (
        auc * (1 - auc) + (positives - 1) * (two_positives - auc**2) + (negatives - 1) * (two_negatives - auc**2)
    ) / (positives * negatives)
    return math.sqrt(max(variance, 0.0))


def auc_interval(auc: float, positives: int, negatives: int) -> tuple[float, float]:
    """The 95 % interval of an AUC of few independent images, 0..1; NaN without one of the two kinds.

    Newcombe 2006, Confidence intervals for an effect size measure based on the Mann-Whitney statistic, part 2, method
    5: those values from which the AUC lies less than 1.96 of their own standard errors away, both kinds counting as
    their mean. So an AUC of 1 has an interval too, which that of Hanley & McNeil 1982 has not.
    """
    if positives < 1 or negatives < 1:
        return NAN, NAN
    each, reach = (positives + negatives) / 2 - 1, quantile()

    def inside(true: float) -> bool:
        spread = 1 + each * ((1 - true) / (2 - true) + true / (1 + true))
        return abs(auc - true) <= reach * math.sqrt(true * (1 - true) * spread / (positives * negatives))

    return _edge(inside, auc, 0.0), _edge(inside, auc, 1.0)


def _edge(inside: Callable[[float], bool], start: float, end: float) -> float:
    """Where, from a value inside an interval towards one at its end or beyond, the interval ends."""
    for _ in range(_HALVINGS):
        middle = (start + end) / 2
        start, end = (middle, end) if inside(middle) else (start, middle)
    return end


def balanced_error(positives: int, negatives: int) -> float:
    """Largest standard error that a balanced accuracy can have, whatever its two parts; NaN without one kind."""
    if positives < 1 or negatives < 1:
        return NAN
    return 0.25 * math.sqrt(1 / positives + 1 / negatives)
