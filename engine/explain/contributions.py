"""Signed contributions: what each concept adds to a class's logit. They add up, because the head is linear.

With concept scores s [K], weights w_c [K] and bias b_c of class c the logit is sum_k w_ck s_k + b_c, so w_ck s_k is
what concept k adds. Why class a rather than b is the same sum with w_a - w_b and b_a - b_b: the difference of the
logits.

Scores of one concept differ little between images compared with their size, so a concept that every image has can draw
the longest bar. The centred reading moves what is common into the constant: w_ck (s_k - m_k) with m_k the mean score
over the classes, and b_c + sum_k w_ck m_k in place of the bias. It adds up to the same logit.

A model with a side channel (`engine.model.side_channel`) adds one term more, which no concept tells of. It stands by
itself; in the centred reading what it adds to the mean picture is moved into the constant like the rest.

Sums are taken in float64; they meet the model's own float32 logit within 1e-4.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats, Ints

if TYPE_CHECKING:
    from torch import Tensor

    from engine.model.snapshot import Snapshot


TOP = 12
"""Bars that are shown one by one; the rest is summed up."""
PAST, TOGETHER = "past the concepts", "concepts together"
"""What the term of a side channel is called: one that the image takes beside the concepts, and one that is made of them
but of no single one."""


@dataclass(frozen=True, slots=True)
class Contributions:
    """One logit (or a difference of two), taken apart.

    Attributes:
        values: float64 [K], what each concept adds, in units of the logit.
        bias: what is added whatever the image; in the centred reading what an average image gets.
        logit: the model's own number; `values.sum() + bias`, and what the side channel adds, within 1e-4.
        side: what the side channel adds; None for a model that has none.
        side_name: what that is called, `PAST` or `TOGETHER`.
    """

    values: Floats
    bias: float
    logit: float
    side: float | None = None
    side_name: str = PAST


@dataclass(frozen=True, slots=True)
class Bars:
    """The largest contributions one by one, and the sum of the rest.

    Attributes:
        concepts: which concepts, by index, the largest contribution first.
        names: their names, aligned.
        values: float64 [n], aligned.
        others: the sum of all other contributions.
        others_count: how many those are.
        bias, logit, side, side_name: as in `Contributions`; values.sum() + others + bias + side == logit.
    """

    concepts: tuple[int, ...]
    names: tuple[str, ...]
    values: Floats
    others: float
    others_count: int
    bias: float
    logit: float
    side: float | None = None
    side_name: str = PAST


def contributions(snapshot: Snapshot, feature: Tensor, position: int, *, means: Floats | None = None) -> Contributions:
    """Why the logit of the class at `position` (row of the head) is what it is.

    Args:
        feature: unit-length embedding [D].
        means: mean scores [K] (`mean_scores`) for the centred reading; None for the plain one.
    """
    out = snapshot.from_features(feature[None])
    logit = float(out.logits[0, position])
    return _taken_apart(snapshot, feature, _one_hot(snapshot, position), _array(out.scores[0]), logit, means)


def contrast(snapshot: Snapshot, feature: Tensor, a: int, b: int, *, means: Floats | None = None) -> Contributions:
    """Why class `a` rather than class `b`: what each concept adds to logit a minus logit b."""
    out = snapshot.from_features(feature[None])
    which = _one_hot(snapshot, a) - _one_hot(snapshot, b)
    logit = float(out.logits[0, a]) - float(out.logits[0, b])
    return _taken_apart(snapshot, feature, which, _array(out.scores[0]), logit, means)


def contributions_all(snapshot: Snapshot, features: Tensor, positions: Tensor | Ints) -> Floats:
    """Contributions [N, K] of many images [N, D], each to the class at its position [N]."""
    scores = _array(snapshot.from_features(features).scores)  # [N, K]
    rows: Floats = _array(snapshot.head)[np.asarray(positions)]  # [N, K]
    return scores * rows


def mean_scores(snapshot: Snapshot) -> Floats:
    """Mean score of each concept, [K]: over the training images of a class, then over the classes."""
    means: Floats = _array(snapshot.bottleneck) @ _array(snapshot.classes.means).mean(0)
    return means


def bars(found: Contributions, names: Sequence[str], top: int = TOP, least: float = 0.0) -> Bars:
    """The `top` largest contributions by size, and the sum of the others.

    Args:
        least: contributions smaller than this are left to the others, but for the largest one.
    """
    order = np.argsort(-np.abs(found.values), kind="stable")
    count = min(top, max(1, int((np.abs(found.values) >= least).sum())))
    shown, rest = order[:count], order[count:]
    return Bars(
        concepts=tuple(shown.tolist()),
        names=tuple(names[k] for k in shown),
        values=found.values[shown],
        others=float(found.values[rest].sum()),
        others_count=len(rest),
        bias=found.bias,
        logit=found.logit,
        side=found.side,
        side_name=found.side_name,
    )


def side_name(snapshot: Snapshot) -> str:
    """What the term of a model's side channel is called."""
    return TOGETHER if snapshot.side is not None and snapshot.side.through_concepts else PAST


def _taken_apart(
    snapshot: Snapshot, feature: Tensor, which: Floats, scores: Floats, logit: float, means: Floats | None
) -> Contributions:
    """The logits of classes, each taken `which` [C] times, taken apart."""
    weights, bias = which @ _array(snapshot.head), float(which @ _array(snapshot.bias))
    side = _side(snapshot, feature, which)
    if means is None:
        return Contributions(weights * scores, bias, logit, side, side_name(snapshot))
    usual = None if side is None else _side(snapshot, snapshot.classes.means.mean(0), which)
    centred = None if side is None or usual is None else side - usual
    constant = bias + float(weights @ means) + (usual or 0.0)
    return Contributions(weights * (scores - means), constant, logit, centred, side_name(snapshot))


def _side(snapshot: Snapshot, feature: Tensor, which: Floats) -> float | None:
    """What the side channel adds, if there is one."""
    if snapshot.side is None:
        return None
    scores = snapshot.bottleneck @ feature
    return float(_array(snapshot.side.logits(feature[None], scores[None])[0]) @ which)


def _one_hot(snapshot: Snapshot, position: int) -> Floats:
    return np.asarray(np.eye(len(snapshot.class_ids))[position])


def _array(tensor: Tensor) -> Floats:
    array: Floats = tensor.detach().cpu().double().numpy()
    return array
