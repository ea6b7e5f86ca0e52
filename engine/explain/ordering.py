"""An order in which alike rows lie side by side, so that a matrix shows its blocks.

Average linkage on cosine distances (Sokal & Michener 1958), and each merger turns its two chains so that the ends that
meet are the closest: a cheap stand-in for optimal leaf ordering (Bar-Joseph et al. 2001), O(n^3) in NumPy, 0.02 s for
400 rows. SciPy would come with umap-learn, but takes longer to import than this takes to run.
"""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats, Ints

_TINY = 1e-12
"""Added to lengths: a row of zeros has distance 1 to every other."""


def clustered(rows: Floats) -> Ints:
    """Order [n] of the rows [n, d]: alike rows next to each other. The same rows give the same order."""
    count = len(rows)
    if count < 3:
        return np.arange(count, dtype=np.int64)
    near = cosine_distances(rows)
    between = near.copy()
    np.fill_diagonal(between, np.inf)
    chains = [[i] for i in range(count)]
    for _ in range(count - 1):
        a, b = divmod(int(between.argmin()), count)
        _average(between, a, b, len(chains[a]), len(chains[b]))
        chains[a], chains[b] = joined(chains[a], chains[b], near), []
    return np.array(max(chains, key=len), np.int64)


def cosine_distances(rows: Floats) -> Floats:
    """1 - cosine between every two rows, [n, n], 0..2; exactly symmetric."""
    wide = np.asarray(rows, np.float64)
    unit = wide / (np.linalg.norm(wide, axis=1, keepdims=True) + _TINY)
    distances: Floats = 1 - unit @ unit.T
    return (distances + distances.T) / 2


def joined(left: list[int], right: list[int], near: Floats) -> list[int]:
    """Two chains as one, each turned so that the ends that meet are the closest; ties keep them as they are."""
    turns = [(a, b) for a in (left, left[::-1]) for b in (right, right[::-1])]
    first, second = min(turns, key=lambda turn: near[turn[0][-1], turn[1][0]])
    return [*first, *second]


def _average(between: Floats, a: int, b: int, size_a: int, size_b: int) -> None:
    """Cluster b joins a: distances to the pair are the average over their members. Changes `between` in place."""
    merged = (size_a * between[a] + size_b * between[b]) / (size_a + size_b)
    between[a], between[:, a] = merged, merged
    between[b], between[:, b] = np.inf, np.inf
    between[a, a] = np.inf
