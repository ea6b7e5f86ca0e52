"""Whether a model that says "80 % sure" is right 80 % of the time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

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

    edges: FloatArray
    confidence: FloatArray
    accuracy: FloatArray
    count: IntArray


def softmax(logits: Floats) -> FloatArray:
    """Probabilities [N, C] from logits [N, C]."""
    powers = np.exp(np.asarray(logits, np.float64) - logits.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True), np.float64)


def reliability(probabilities: Floats, labels: IntArray, bins: int = BINS) -> Reliability:
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


def ece(probabilities: Floats, labels: IntArray, bins: int = BINS) -> float:
    """Expected calibration error, 0..1, lower is better; NaN without predictions.

    The distance between confidence and accuracy in each bin, averaged over predictions (Guo et al. 2017).
    """
    if len(labels) == 0:
        return float("nan")
    found = reliability(probabilities, labels, bins)
    gaps = np.where(found.count > 0, np.abs(found.confidence - found.accuracy), 0.0)
    return float((gaps * found.count).sum() / found.count.sum())
