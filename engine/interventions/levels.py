"""What "present" and "absent" mean as scores, concept by concept.

A score has no natural zero: 0.3 may be much for one concept and little for another. So both words are measured on
validation images. *Present* is the score that nine of ten images with the concept reach; saying "present" raises a
score to at least that. *Absent* is the score that nine of ten images without it stay below; saying "absent" lowers a
score to at most that. A score that already agrees is left as it is: a person who confirms what the model says tells it
nothing. Where nobody knows what images show, the two are the extremes of the scores seen.

The usual way, setting every concept to the mean score of images with or without it, wipes out how strongly an image
shows it: on the demo's validation images it costs 12 points where a person describes the picture, always rightly, and
leaves 4 points unused where the person describes the class. The tenth was chosen there, among 5, 10, 25 and 50 %.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.array_types import Bools, Floats

TAIL = 0.10
"""Share of images on the wrong side of a level."""
EXTREME = 0.05
"""The same where nobody knows the truth: the levels are the 5th and 95th percentile of all scores."""
_RANGE = 0.01
"""Share of images beyond either end of the observed range, so that one odd image does not stretch a slider."""
_MOST_ODDS = 6.0
"""Log odds of a score at its level are at most this: no score makes a concept certain."""


@dataclass(frozen=True, slots=True)
class Levels:
    """The scale of every concept's score, all [K].

    Attributes:
        absent, present: the levels; absent <= threshold <= present.
        threshold: above it a concept is called present.
        low, high: the observed range.
        slope: of the logistic curve through the threshold that turns a score into a probability; >= 0.
        known: whether the levels were measured against the truth.
    """

    absent: Floats
    present: Floats
    threshold: Floats
    low: Floats
    high: Floats
    slope: Floats
    known: Bools


def levels(scores: Floats, truth: Bools | None = None, known: Bools | None = None) -> Levels:
    """Measure the levels on validation images.

    Args:
        scores: [N, K], at least one image.
        truth: [N, K], what each image shows, or None where nobody knows.
        known: [K], for which concepts the truth is known; all if not given.
    """
    low, high = np.quantile(scores, [_RANGE, 1 - _RANGE], axis=0)  # [K] each
    absent, present = np.quantile(scores, [EXTREME, 1 - EXTREME], axis=0)
    threshold = (absent + present) / 2
    slope = _over(2 * np.log((1 - EXTREME) / EXTREME), present - absent)
    if truth is None:
        return Levels(absent, present, threshold, low, high, slope, np.zeros(scores.shape[1], np.bool_))
    usable: Bools = np.asarray(truth.any(0) & ~truth.all(0) & (True if known is None else known), np.bool_)
    found = _against_truth(scores, truth)
    absent, present, threshold, slope = (
        np.where(usable, mine, blind) for mine, blind in zip(found, (absent, present, threshold, slope), strict=True)
    )
    return Levels(absent, present, threshold, np.minimum(low, absent), np.maximum(high, present), slope, usable)


def _against_truth(scores: Floats, truth: Bools) -> tuple[Floats, Floats, Floats, Floats]:
    """(absent, present, threshold, slope), [K] each; meaningless where the truth is the same for all images.

    The threshold errs equally often both ways if both kinds of score are normally distributed.
    """
    with_it, without = _moments(scores, truth), _moments(scores, ~truth)
    spread = with_it[1] + without[1]
    threshold = np.where(
        spread > 0,
        _over(with_it[0] * without[1] + without[0] * with_it[1], spread),
        (with_it[0] + without[0]) / 2,
    )
    present = np.maximum(_quantile(scores, truth, TAIL), threshold)
    absent = np.minimum(_quantile(scores, ~truth, 1 - TAIL), threshold)
    slope = np.maximum(_over(with_it[0] - without[0], (spread / 2) ** 2), 0.0)
    steepest = _over(_MOST_ODDS, np.maximum(np.abs(with_it[0] - threshold), np.abs(threshold - without[0])))
    return absent, present, threshold, np.where(spread > 0, np.minimum(slope, steepest), steepest)


def _moments(scores: Floats, rows: Bools) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each column's marked rows, [K] each; 0 where there is none."""
    count = np.maximum(rows.sum(0), 1)
    mean = np.where(rows, scores, 0.0).sum(0) / count
    return mean, np.sqrt((np.where(rows, scores - mean, 0.0) ** 2).sum(0) / count)


def _quantile(scores: Floats, rows: Bools, share: float) -> Floats:
    """Quantile of each column's marked rows, [K]; 0 where there is none."""
    found = [np.quantile(scores[rows[:, k], k], share) if rows[:, k].any() else 0.0 for k in range(scores.shape[1])]
    return np.array(found, np.float64)


def _over(a: Floats | float, b: Floats) -> Floats:
    """a / b, 0 where b is 0."""
    return np.asarray(np.divide(a, b, out=np.zeros(np.shape(b)), where=np.asarray(b) != 0), np.float64)


def probability(levels: Levels, scores: Floats) -> Floats:
    """How sure the model is that each concept is present, 0..1, from scores [..., K]."""
    odds = np.clip(levels.slope * (scores - levels.threshold), -700.0, 700.0)  # exp must not overflow
    return np.asarray(1 / (1 + np.exp(-odds)), np.float64)


def called(levels: Levels, scores: Floats) -> Bools:
    """Whether the model calls each concept present, from scores [..., K]."""
    return np.asarray(scores > levels.threshold, np.bool_)


def said(levels: Levels, scores: Floats, present: Bools) -> Floats:
    """The scores after a person has said of every concept whether it is there.

    Args:
        scores, present: [..., K].
    """
    return np.where(present, np.maximum(scores, levels.present), np.minimum(scores, levels.absent))
