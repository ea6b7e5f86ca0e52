"""How alike the choices of several searches are, and how alike random ones would be."""

from __future__ import annotations

from itertools import combinations
from math import comb

import numpy as np

from engine.array_types import Bools, Floats, Ints


def jaccard(chosen: Bools) -> float:
    """Mean over all pairs of choices of |A and B| / |A or B|, 0..1; 1 is the same choice. NaN for a single one.

    Args:
        chosen: [S, N], which of N candidates each of S searches chose; none chose nothing.
    """
    pairs = [(one & other).sum() / (one | other).sum() for one, other in combinations(chosen, 2)]
    return float(np.mean(pairs)) if pairs else float("nan")


def chance(candidates: int, kept: int) -> float:
    """What `jaccard` is on average between two random choices of `kept` of so many candidates, exactly.

    The overlap is hypergeometric: sum over o of P(o) o / (2 kept - o).
    """
    every = comb(candidates, kept)
    least = max(0, 2 * kept - candidates)
    return sum(
        comb(kept, o) * comb(candidates - kept, kept - o) / every * o / (2 * kept - o) for o in range(least, kept + 1)
    )


def by_task(chosen: Bools, task: Ints) -> tuple[Floats, Floats]:
    """`jaccard` of the choices within each task, and what chance gives there, [T] each."""
    found = [chosen[:, task == t] for t in range(int(task.max()) + 1)]
    by_chance = [chance(part.shape[1], int(part[0].sum())) for part in found]
    return np.array([jaccard(part) for part in found], np.float64), np.array(by_chance, np.float64)
