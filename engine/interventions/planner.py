"""How many clicks bring back how much of what was forgotten.

The person has a budget of clicks for all images together. Each click goes where the policy wants it most: the images
compete. Nothing is looked up first, so clicks are also spent on images that were right, and some of those break.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.array_types import Bools, Floats, Ints
from engine.interventions.curves import InterventionTrace


@dataclass(frozen=True, slots=True)
class RecoveryPlan:
    """Recovery against budget.

    Attributes:
        clicks: [B], total clicks spent, ascending from 0.
        recovered: [B], forgotten images that are right again.
        broken: [B], images that were right and are not any more.
        forgotten: how many images were forgotten.
    """

    clicks: Ints
    recovered: Ints
    broken: Ints
    forgotten: int


def plan(trace: InterventionTrace, forgotten: Bools) -> RecoveryPlan:
    """Spend clicks one by one over all images, the most urgent next click of any image first.

    Args:
        trace: M clicks of every image, in the order in which that image takes them.
        forgotten: [N], images right when they were learnt and wrong before any click.
    """
    turns, size = trace.asked.shape
    queue = np.minimum.accumulate(trace.urgency, axis=0)  # [M, N]: an image's later click never overtakes its earlier
    place = np.broadcast_to(np.arange(turns)[:, None], (turns, size))
    order = np.lexsort((place.ravel(), -queue.ravel()))  # most urgent first, then an image's own order
    step = trace.right[1:].astype(np.int64) - trace.right[:-1]  # [M, N]: +1 set right, -1 set wrong
    back = np.cumsum(np.where(forgotten, step, 0).ravel()[order])
    lost = np.cumsum(np.where(trace.right[0], -step, 0).ravel()[order])
    start = np.zeros(1, np.int64)
    spent = np.arange(turns * size + 1)
    return RecoveryPlan(spent, np.concatenate([start, back]), np.concatenate([start, lost]), int(forgotten.sum()))


def thinned(found: RecoveryPlan, most: int) -> RecoveryPlan:
    """The same plan at no more than `most` budgets, closer together where they are small; first and last are kept."""
    last = len(found.clicks) - 1
    at = np.unique(np.concatenate([[0], np.geomspace(1, max(last, 1), most - 1).round().astype(np.int64)]))
    at = at[at <= last]
    return RecoveryPlan(found.clicks[at], found.recovered[at], found.broken[at], found.forgotten)


def shares(found: RecoveryPlan) -> Floats:
    """Recovered share of what was forgotten at each budget, [B], 0..1; NaN where nothing was."""
    return found.recovered / found.forgotten if found.forgotten else np.full(len(found.clicks), np.nan)
