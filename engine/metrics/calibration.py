"""Whether a model that says "80 % sure" is right 80 % of the time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats, Ints
from engine.metrics.chance import quantile
from engine.metrics.differences import NAN

BINS = 15
"""As in Guo et al. 2017."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """Predictions sorted into bins of equal width by their confidence.

    Attributes:
        edges: [bins + 1], from 0 to 1.
        confidence: [bins], mean confidence in each bin; NaN in empty ones.
        accuracy: [bins], share of right predictions in each bin; NaN in empty ones.
        count: [bins], number of predictions.
    """

    edges: Floats
    confidence: Floats
    accuracy: Floats
    count: Ints


def reliability(probabilities: Floats, labels: Ints, bins: int = BINS) -> Reliability:
    """Confidence against accuracy. A confidence on an edge belongs to the bin below it, as in Guo et al. 2017.

    Args:
        probabilities: [N, C], rows summing to 1.
        labels: [N].
    """
    confidence = np.asarray(probabilities.max(1), np.float64)
    right = (probabilities.argmax(1) == labels).astype(np.float64)
    edges = np.linspace(0, 1, bins + 1)
    place = np.clip(np.searchsorted(edges, confidence, side="left") - 1, 0, bins - 1)
    count = np.bincount(place, minlength=bins).astype(np.int64)
    some = np.maximum(count, 1)
    means = [np.bincount(place, values, minlength=bins) / some for values in (confidence, right)]
    mean_confidence, accuracy = (np.where(count > 0, mean, np.nan) for mean in means)
    return Reliability(edges, mean_confidence, accuracy, count)


def packed(found: Reliability) -> Floats:
    """The bins as one array to be stored, [3, bins]: mean confidence, share right, number of predictions."""
    return np.stack([found.confidence, found.accuracy, found.count.astype(np.float64)])


def unpacked(stored: Floats) -> Reliability:
    """The bins out of what `packed` made."""
    confidence, accuracy, count = np.asarray(stored, np.float64)
    return Reliability(np.linspace(0, 1, len(count) + 1), confidence, accuracy, count.astype(np.int64))


def ece(probabilities: Floats, labels: Ints, bins: int = BINS) -> float:
    """Expected calibration error, 0..1, lower is better; NaN without predictions.

    The distance between confidence and accuracy in each bin, averaged over predictions (Guo et al. 2017).
    """
    if len(labels) == 0:
        return float("nan")
    found = reliability(probabilities, labels, bins)
    gaps = np.where(found.count > 0, np.abs(found.confidence - found.accuracy), 0.0)
    return float((gaps * found.count).sum() / found.count.sum())


# -- what it may be called ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bias:
    """How far confidence lies above accuracy, against a model that is exactly as sure as it should be.

    Attributes:
        gap: mean confidence minus share right, -1..1: above 0 it is too sure, below 0 not sure enough.
        z: the gap in its standard errors under perfect calibration; NaN where it has none.
        low, high: interval of the gap, corrected for how many were looked at.
        count: predictions.
    """

    gap: float
    z: float
    low: float
    high: float
    count: int

    @property
    def is_certain(self) -> bool:
        """Whether the interval leaves out 0."""
        return self.low > 0 or self.high < 0


def bias(found: Reliability, comparisons: int = 1, only: int | None = None) -> Bias:
    """The signed calibration gap over all bins, or in bin `only`.

    Were the model perfectly calibrated, each prediction would be right with the probability it gives, so the number of
    right ones has the variance of a sum of c (1 - c) (Spiegelhalter 1986). Within a bin the mean confidence stands for
    every c, which overstates that variance a little (c (1 - c) is concave), never the other way round.

    Args:
        comparisons: how many gaps are looked at; the risk of 5 % is shared among them.
    """
    chosen = found.count > 0 if only is None else np.arange(len(found.count)) == only
    count = found.count[chosen]
    total = int(count.sum())
    if not total:
        return Bias(NAN, NAN, NAN, NAN, 0)
    sure, right = found.confidence[chosen], found.accuracy[chosen]
    gap = float((count * (sure - right)).sum()) / total
    error = math.sqrt(float((count * sure * (1 - sure)).sum())) / total
    half = quantile(comparisons) * error
    return Bias(gap, gap / error if error else NAN, gap - half, gap + half, total)


CLOSE = 0.05
"""A gap that may be as large as this is not called fitting."""
ON_AVERAGE, IN_A_BIN, FITS, UNSURE = "on average", "in a bin", "fits", "too few images"
LEAST = 10
"""A bin with fewer predictions is not judged by itself."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of a model's confidence.

    Attributes:
        kind: `ON_AVERAGE` or `IN_A_BIN`: a gap beyond chance; `FITS`: none, and none of 5 points on average is
            plausible; `UNSURE`: none, but too few images to rule that out.
        whole: the gap over all predictions.
        told: the gap that the verdict is about: the whole one, or the bin's.
        bin: which bin, or None.
    """

    kind: str
    whole: Bias
    told: Bias
    bin: int | None = None


def verdict(found: Reliability) -> Verdict:
    """Test what a model's confidence is called: half of the risk of 5 % for the gap over all, half for the bins."""
    judged = np.flatnonzero(found.count >= LEAST).tolist()
    whole = bias(found, 2)
    if whole.is_certain:
        return Verdict(ON_AVERAGE, whole, whole)
    bins = {b: bias(found, 2 * len(judged), b) for b in judged}
    off = [b for b in judged if bins[b].is_certain]
    if off:
        worst = max(off, key=lambda b: abs(bins[b].gap) * bins[b].count)
        return Verdict(IN_A_BIN, whole, bins[worst], worst)
    fits = -CLOSE < whole.low <= whole.high < CLOSE
    return Verdict(FITS if fits else UNSURE, whole, whole)
