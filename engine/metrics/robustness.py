"""How well a growing classifier stands up to attacks, and whether attention that moved goes with an answer that fell.

An outcome is 1 where an image is right, 0 where it is wrong and -1 where its class was not learnt yet. Robust accuracy
is plain accuracy on attacked images, so whatever is said of an accuracy matrix (`engine.metrics.accuracy`) can be said
of a robust one, forgetting included.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from engine.array_types import Bools, Floats, Ints
from engine.errors import BadParameter
from engine.metrics import accuracy
from engine.rng import numpy_stream

Outcomes = npt.NDArray[np.int8]
NAN = float("nan")

RESAMPLES = 1000
"""Resamples behind an interval of `association`."""
CONFIDENCE = 0.95
"""Of every interval here."""
MOST, WEAKEST, STRONGEST = 8, 0.01, 64.0
"""Strengths in one table, and their limits in 255ths."""
_Z = 1.959963984540054
"""Quantile of the normal distribution that leaves 2.5 % above it."""


# -- strengths ---------------------------------------------------------------------------------------------------------


def strengths(text: str) -> tuple[float, ...]:
    """Strengths of an attack in 255ths from a text like "1, 2, 4, 8".

    Raises:
        BadParameter: not one to eight ascending numbers from 0.01 to 64.
    """
    try:
        found = tuple(float(part) for part in text.split(","))
    except ValueError:
        found = ()
    ascending = all(a < b for a, b in pairwise(found))
    if not (0 < len(found) <= MOST and ascending and all(WEAKEST <= eps <= STRONGEST for eps in found)):
        raise BadParameter(
            f"robustness: eps = {text!r}",
            f"eps must be 1 to {MOST} different numbers from {WEAKEST:g} to {STRONGEST:g}, ascending, with commas "
            "between them (255ths of a pixel's range)",
            "Write for example 1,2,4,8",
        )
    return found


# -- accuracy ----------------------------------------------------------------------------------------------------------


def matrices(outcome: Outcomes, task_of: Ints) -> Floats:
    """Accuracy matrices a[e, t, k], [E, T, T]: on the images of task k after task t at strength e; NaN for k > t.

    Args:
        outcome: [E, T, N], see above.
        task_of: [N], the task whose class each image shows.
    """
    strengths, tasks, _ = outcome.shape
    found = np.full((strengths, tasks, tasks), NAN)
    for k in range(tasks):
        found[:, k:, k] = _share(outcome[:, k:, task_of == k])
    return found


def overall(outcome: Outcomes) -> Floats:
    """Accuracy over all images of classes learnt, [...] from outcomes [..., N]: every image counts alike."""
    return _share(outcome)


def forgetting(matrices: Floats) -> Floats:
    """Robustness forgetting at each strength, [E], from [E, T, T]: best robust accuracy before the last task minus
    that after it, mean over earlier tasks (`engine.metrics.accuracy.forgetting` of each matrix).
    """
    return np.array([accuracy.forgetting(matrix) for matrix in matrices], np.float64)


def wilson(right: npt.ArrayLike, count: npt.ArrayLike) -> tuple[Floats, Floats]:
    """95 % interval of a share, (low, high), each of the shape of the counts; NaN where nothing was counted.

    Wilson 1927. Unlike share ± 1.96 standard errors it stays within 0..1 and has a width at 0 of n and at n of n.
    """
    n = np.asarray(count, np.float64)
    some = np.where(n > 0, n, NAN)
    share = np.asarray(right, np.float64) / some
    middle = (share + _Z**2 / (2 * some)) / (1 + _Z**2 / some)
    half = _Z / (1 + _Z**2 / some) * np.sqrt(share * (1 - share) / some + _Z**2 / (4 * some**2))
    return np.clip(middle - half, 0, 1), np.clip(middle + half, 0, 1)


def _share(outcome: Outcomes) -> Floats:
    """Share of right ones among those learnt, over the last axis; NaN where there is none."""
    count = (outcome >= 0).sum(-1)
    return np.asarray(np.where(count > 0, (outcome > 0).sum(-1) / np.maximum(count, 1), NAN), np.float64)


# -- attention and mistakes --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Association:
    """Whether images with a larger shift are those that were fooled.

    Attributes:
        auc: probability that a fooled image's shift is larger than that of one that held; 0.5 is no association.
        low, high: 95 % interval of it.
        r: point-biserial correlation: Pearson's between the shift and being fooled (1) or not (0), -1..1.
        r_low, r_high: 95 % interval of it.
        count: images counted; those whose shift is unknown are left out.
        fooled: how many of them were fooled.
        why: why the numbers are NaN, or None.
    """

    auc: float
    low: float
    high: float
    r: float
    r_low: float
    r_high: float
    count: int
    fooled: int
    why: str | None = None


SEED = 1993
"""Of a measurement that names none; its resamples have the same."""


def association(shift: Floats, wrong: Bools, seed: int) -> Association:
    """Compare the shifts of fooled images with those of images that held. Intervals: percentile bootstrap over images.

    To ask what the attack did, give images only that were right before it (see `contest`).

    Args:
        shift: [N], larger for more (`engine.metrics.attention_shift.growing`); NaN where unknown.
        wrong: [N], whether the image was fooled. One entry an image: entries are resampled as if independent.
        seed: of the resamples.
    """
    known = ~np.isnan(shift)
    values, fooled = np.asarray(shift, np.float64)[known], np.asarray(wrong, np.bool_)[known]
    count, hits = len(values), int(fooled.sum())
    if not 0 < hits < count:
        nothing = "no shift is known" if count == 0 else f"{'all' if hits else 'none'} of {count} images were fooled"
        return Association(NAN, NAN, NAN, NAN, NAN, NAN, count, hits, nothing)
    weights = resamples(count, seed)
    aucs, rs = auc(values, fooled, weights), _correlation(values, fooled, weights)
    why = "the shift is the same for all images" if np.ptp(values) == 0 else None
    return Association(float(aucs[0]), *interval(aucs[1:]), float(rs[0]), *interval(rs[1:]), count, hits, why)


def contest(outcome: Outcomes) -> tuple[Bools, Bools]:
    """Which images an attack could fool, and which of them it did, each bool [E, ..., N].

    Args:
        outcome: [E + 1, ..., N], clean first. An image that is wrong before the attack takes no part.
    """
    taking_part = np.broadcast_to(outcome[:1] == 1, outcome[1:].shape)
    return taking_part, taking_part & (outcome[1:] == 0)


def resamples(count: int, seed: int) -> Floats:
    """How often each of `count` images is in each sample, [1 + RESAMPLES, N]; the first is the sample itself."""
    draws = numpy_stream(seed, "association").multinomial(count, np.full(count, 1 / count), RESAMPLES)
    return np.concatenate([np.ones((1, count)), draws])


def auc(values: Floats, fooled: Bools, weights: Floats) -> Floats:
    """Weighted AUC (Mann & Whitney 1947, ties count half) of each row of weights, [R]; NaN without one of the two."""
    order = np.argsort(values, kind="stable")
    _, place = np.unique(values[order], return_inverse=True)
    held = np.cumsum(weights[:, order] * ~fooled[order], axis=1)  # [R, N], weight of those that held, up to here
    last = np.searchsorted(place, np.arange(place[-1] + 1), side="right") - 1  # where each value ends
    up_to = held[:, last]  # [R, values]
    below = np.concatenate([np.zeros((len(weights), 1)), up_to[:, :-1]], axis=1)
    hit = weights[:, order] * fooled[order]
    wins = (hit * ((up_to + below) / 2)[:, place]).sum(1)
    pairs = hit.sum(1) * held[:, -1]
    return np.asarray(np.divide(wins, pairs, out=np.full(len(weights), NAN), where=pairs > 0), np.float64)


def _correlation(values: Floats, fooled: Bools, weights: Floats) -> Floats:
    """Weighted Pearson correlation with being fooled, [R]; NaN where either does not vary."""
    share = weights / weights.sum(1, keepdims=True)  # [R, N]
    scaled = values / (np.ptp(values) or 1)
    x = scaled - (share @ scaled)[:, None]
    y = fooled - (share @ fooled)[:, None]
    size = np.sqrt((share * x**2).sum(1) * (share * y**2).sum(1))
    product = (share * x * y).sum(1)
    return np.asarray(np.divide(product, size, out=np.full(len(weights), NAN), where=size > 1e-12), np.float64)


def interval(values: Floats) -> tuple[float, float]:
    """Middle 95 % of the resamples in which the number exists."""
    known = values[~np.isnan(values)]
    if not len(known):
        return NAN, NAN
    low, high = np.quantile(known, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
    return float(low), float(high)
