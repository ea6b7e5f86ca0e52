"""Which of several compromises between two aims nobody can better in both."""

from __future__ import annotations

import numpy as np

from engine.array_types import Bools, Floats


def pareto_front(first: Floats, second: Floats) -> Bools:
    """Whether each point is on the Pareto front of two aims [P], higher being better.

    It is if no other is at least as good in both and better in one. Points that are equal are on it together; one that
    is NaN in either is not.
    """
    at_least = (first[None] >= first[:, None]) & (second[None] >= second[:, None])  # [P, P], whether column beats row
    better = (first[None] > first[:, None]) | (second[None] > second[:, None])
    known = np.isfinite(first) & np.isfinite(second)
    return np.asarray(known & ~(at_least & better).any(1), np.bool_)
