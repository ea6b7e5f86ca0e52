"""Differences with their uncertainty: of two models on the same images, and of means.

An interval that leaves out zero says that a difference is more than the choice of images would make by chance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.array_types import Bools, Floats

NAN = float("nan")

_Z = 1.959963984540054
"""Quantile of the normal distribution that leaves 2.5 % above it."""
_ADDED = 0.5
"""Added to each of the four counts of a pair (Agresti & Min), so that small samples get no interval without width."""


@dataclass(frozen=True, slots=True)
class Interval:
    """A number and its 95 % interval; NaN where nothing was measured.

    Attributes:
        value: the number, as measured.
        low, high: ends of the interval.
        count: images behind it.
    """

    value: float
    low: float
    high: float
    count: int

    @property
    def sign(self) -> int:
        """1 where the whole interval lies above zero, -1 where below, else 0."""
        return int(self.low > 0) - int(self.high < 0)


def paired_difference(first: Bools, second: Bools) -> Interval:
    """Share of `second` minus share of `first`, -1..1, where both were measured on the same images.

    Only images on which the two disagree tell them apart, so the interval is narrower than that of two samples.
    Agresti & Min 2005, Simple improved confidence intervals for comparing matched proportions.

    Args:
        first, second: [N].

    Raises:
        ValueError: the lengths differ.
    """
    if first.shape != second.shape:
        raise ValueError(f"pairs are needed, not {first.shape} and {second.shape}")
    return mean_difference(second.astype(np.float64) - first)


def mean_difference(changes: Floats) -> Interval:
    """Mean of what changed on each image, -1..1, with the interval of `paired_difference`, of which this is the case
    where an image was asked several times: with other seeds, or by several models.

    Args:
        changes: [N], -1..1: how much more often each image was right.
    """
    count = len(changes)
    if not count:
        return Interval(NAN, NAN, NAN, 0)
    total, squares, size = float(changes.sum()), float((changes**2).sum()), count + 4 * _ADDED
    middle = total / size
    half = _Z * np.sqrt(((squares + 2 * _ADDED) / size - middle**2) / size)
    low, high = max(-1.0, float(middle - half)), min(1.0, float(middle + half))
    return Interval(total / count, low, high, count)


def means(values: Floats) -> tuple[Floats, Floats, Floats]:
    """Mean over the last axis and its 95 % interval, (mean, low, high), [...] each; NaNs are left out.

    mean ± 1.96 standard errors; with a single value the interval is that value; NaN where there is none.
    """
    values = np.asarray(values, np.float64)
    known = ~np.isnan(values)
    count = known.sum(-1)
    some = np.where(count > 0, count, NAN)
    mean = np.where(known, values, 0).sum(-1) / some
    squares = np.where(known, values - mean[..., None], 0) ** 2
    half = _Z * np.sqrt(squares.sum(-1) / np.maximum(count - 1, 1)) / np.sqrt(some)
    return mean, mean - half, mean + half
