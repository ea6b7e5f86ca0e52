"""The smallest set of concept changes that flips a prediction.

A concept's score may be moved anywhere within the range seen on validation images, 5th to 95th percentile. The head is
linear, so each change adds to each logit by itself.

**To any other class: exact.** Let p be the predicted class and r a rival, m_r = logit_p - logit_r >= 0. Moving concept
k from s_k to v changes m_r by (w_pk - w_rk)(v - s_k), independently of all other changes; the most it can be lowered by
is g_rk = max(0, (w_pk - w_rk)(s_k - low_k), (w_pk - w_rk)(s_k - high_k)), at an end of the range because the change is
linear in v. A set S can therefore lower m_r by the sum of g_rk over S and by no more. Among all sets of n concepts that
sum is largest for the n largest g_rk (exchange any other member for a larger one: the sum does not fall). So r can
outrank p with n changes if and only if the n largest g_rk add up to more than m_r, and the smallest set over all rivals
is the smallest such n over r. The class that is then on top may be a third one; it is not p.

**To a chosen class: greedy, checked.** The chosen class must outrank every other at once, which is a covering problem
with one constraint a class. Concepts are changed one at a time, each to what lowers the summed shortfall most; then
changes that are no longer needed are taken back; the result is scored again. For every other class alone the argument
above gives the least number of changes, and the largest of these is a lower bound: where it is met, the set is proven
to be the smallest, otherwise it is only known to be small.

After Wachter et al., "Counterfactual explanations without opening the black box", 2018, with the number of changes as
distance. Concepts are changed one by one, as a reader would; nothing says that such an image exists.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats, Ints
from engine.errors import NotApplicable

if TYPE_CHECKING:
    from torch import Tensor

    from engine.model.snapshot import Snapshot


LEAD = 1e-3
"""Logits by which the new class must lead: more than rounding, less than anyone would notice."""
LOWER, UPPER = 5.0, 95.0
"""Percentiles of validation scores within which a score may be moved."""
_VALUES = 9
"""Scores tried for each concept on the way to a chosen class, evenly from the low to the high end."""


@dataclass(frozen=True, slots=True)
class Linear:
    """What a counterfactual needs of a model and an image.

    Attributes:
        head: [C, K].
        bias: [C].
        scores: [K], the image's.
        low, high: [K], the range each score may be moved in; the image's own score is always allowed.
    """

    head: Floats
    bias: Floats
    scores: Floats
    low: Floats
    high: Floats

    def logits(self, scores: Floats) -> Floats:
        """[..., C] of scores [..., K]."""
        return np.asarray(scores @ self.head.T + self.bias)


@dataclass(frozen=True, slots=True)
class Change:
    """One concept's score, moved.

    Attributes:
        concept: index in the bank.
        before, after: its score.
    """

    concept: int
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class MinimalChange:
    """A set of changes and what it does.

    Attributes:
        changes: the changes, the most effective first.
        old, new: positions of the predicted class before and after.
        logits: [C], after.
        smallest: whether no smaller set does it: proven, not searched.
        scores: [K], after.
    """

    changes: tuple[Change, ...]
    old: int
    new: int
    logits: Floats
    smallest: bool
    scores: Floats = field(repr=False)


def linear(snapshot: Snapshot, feature: Tensor, scores: Floats, low: Floats, high: Floats) -> Linear:
    """The head of a model and the scores [K] of an image, in float64.

    What a side channel adds for this image [D] stays as it is, and counts to the bias.

    Raises:
        NotApplicable: it would not stay, because it depends on the scores.
    """
    if snapshot.side is not None and snapshot.side.through_concepts:
        why = "its answer is not linear in the concepts, so no set of changes is known to be the smallest"
        raise NotApplicable("the smallest change", why, "Set concepts by hand, or choose a run of another method")
    head, bias = snapshot.head.double().numpy(), snapshot.bias + snapshot.beside(feature[None])[0]
    return Linear(head, bias.double().numpy(), *(np.asarray(values, np.float64) for values in (scores, low, high)))


def observed_range(scores: Floats) -> tuple[Floats, Floats]:
    """The range of each concept's score on validation images [N, K]: 5th and 95th percentile, [K] each."""
    low, high = np.percentile(np.asarray(scores, np.float64), (LOWER, UPPER), axis=0)
    return low, high


def any_flip(model: Linear) -> MinimalChange | None:
    """The smallest set of changes after which the predicted class is outranked; None if no set within the range does.

    Exact (see above). Of several sets of the same size, the one that leads by most.
    """
    logits = model.logits(model.scores)
    old = int(logits.argmax())
    gains, ends = _gains(model, old)  # [C, K] each
    needed = _needed(gains, logits[old] - logits)
    needed[old] = np.inf
    least = needed.min()
    if not np.isfinite(least):
        return None
    size = int(least)
    reach = np.sort(gains, axis=1)[:, ::-1][:, :size].sum(1) - (logits[old] - logits)
    rival = int(np.where(needed == least, reach, -np.inf).argmax())
    chosen = np.argsort(-gains[rival], kind="stable")[:size]
    scores = model.scores.copy()
    scores[chosen] = ends[rival, chosen]
    return _flip(model, scores, chosen, old, smallest=True)


def flip_to(model: Linear, target: int) -> MinimalChange | None:
    """A small set of changes after which `target` outranks every other class; None if none was found.

    None also where `target` is predicted already. Greedy; `MinimalChange.smallest` says whether the lower bound was
    met.
    """
    logits = model.logits(model.scores)
    old = int(logits.argmax())
    bound = least_changes(model, target)
    if old == target or bound is None:
        return None
    scores, chosen = model.scores.copy(), list[int]()
    while _shortfall(model.logits(scores), target) > 0:
        step = _best_step(model, scores, target)
        if step is None:
            return None
        concept, value = step
        scores[concept] = value
        chosen = [*(k for k in chosen if k != concept), concept]
    chosen = _without_needless(model, scores, chosen, target)
    return _flip(model, scores, np.array(chosen), old, smallest=len(chosen) == bound)


def least_changes(model: Linear, target: int) -> int | None:
    """A lower bound on the changes that put `target` on top, or None where proven impossible: one rival at a time."""
    logits = model.logits(model.scores)
    others = [c for c in range(len(logits)) if c != target]
    needed = []
    for rival in others:
        gains, _ = _gains(model, rival)
        needed.append(_needed(gains[[target]], np.array([logits[rival] - logits[target]]))[0])
    most = max(needed, default=0.0)
    return int(most) if np.isfinite(most) else None


def _gains(model: Linear, over: int) -> tuple[Floats, Floats]:
    """By how much each concept alone can lower logit[over] - logit[r], and at which score, [C, K] each."""
    rows = model.head[over] - model.head  # [C, K]
    low, high = np.minimum(model.low, model.scores), np.maximum(model.high, model.scores)
    down, up = rows * (model.scores - low), rows * (model.scores - high)
    return np.maximum(0.0, np.maximum(down, up)), np.where(down >= up, low, high)


def _needed(gains: Floats, margins: Floats) -> Floats:
    """The least number of concepts whose gains [R, K] exceed each margin [R] by `LEAD`; infinite where all do not."""
    ranked = np.cumsum(np.sort(gains, axis=1)[:, ::-1], axis=1)  # [R, K]
    enough = np.concatenate([np.zeros((len(gains), 1)), ranked], axis=1) >= margins[:, None] + LEAD
    return np.where(enough.any(1), enough.argmax(1).astype(np.float64), np.inf)


def _shortfall(logits: Floats, target: int) -> Floats:
    """Summed logits by which `target` misses its lead over each other class; 0 where it leads. [...] of [..., C]."""
    missing = np.maximum(0.0, logits - logits[..., [target]] + LEAD)
    missing[..., target] = 0.0
    return np.asarray(missing.sum(-1))


def _best_step(model: Linear, scores: Floats, target: int) -> tuple[int, float] | None:
    """The one change that lowers the shortfall most, or None if none lowers it."""
    low, high = np.minimum(model.low, model.scores), np.maximum(model.high, model.scores)
    values = np.linspace(low, high, _VALUES, axis=1)  # [K, V]
    logits = model.logits(scores) + (values - scores[:, None])[..., None] * model.head.T[:, None, :]  # [K, V, C]
    left = _shortfall(logits, target)  # [K, V]
    concept, at = np.unravel_index(left.argmin(), left.shape)
    if left[concept, at] >= _shortfall(model.logits(scores), target) - 1e-12:
        return None
    return int(concept), float(values[concept, at])


def _without_needless(model: Linear, scores: Floats, chosen: list[int], target: int) -> list[int]:
    """Take changes back, the earliest first, as long as `target` stays on top. Alters `scores`."""
    for concept in list(chosen):
        moved, scores[concept] = scores[concept], model.scores[concept]
        if _shortfall(model.logits(scores), target) > 0:
            scores[concept] = moved
        else:
            chosen = [k for k in chosen if k != concept]
    return chosen


def _flip(model: Linear, scores: Floats, chosen: Ints, old: int, smallest: bool) -> MinimalChange:
    logits = model.logits(scores)
    new = int(logits.argmax())
    moved = (scores - model.scores) * (model.head[new] - model.head[old])
    order = sorted((int(k) for k in chosen), key=lambda k: -moved[k])
    changes = tuple(Change(k, float(model.scores[k]), float(scores[k])) for k in order)
    return MinimalChange(changes, old, new, logits, smallest, scores)
