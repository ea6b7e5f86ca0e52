"""A sparse head on concept scores: elastic-net multinomial regression, at a strength or at a number of concepts.

Wong et al., "Leveraging Sparse Linear Layers for Debuggable Deep Networks", ICML 2021, as Label-free CBM and CI-CBM use
it. Scores are standardised for the fit, so that the penalty treats every concept alike, and what is returned works on
the scores as they are: W / sd and b - (W / sd) mean.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor

from engine.device import fixed_threads
from engine.model.multinomial import Logistic, Penalty

_ACCURACY = 0.05  # how near to optimal each derivative must be, as a share of the strength
_ROUGHLY = 0.1  # the same on the way to a number of concepts
_CONSTANT = 1e-7  # spread, beside the score's size, below which a concept is the same for all images
_FACTOR = 0.5  # from one strength to the next on the way down
_WEAKEST = 1e-3  # of the strength at which all weights are zero: where the way down ends, as in the released codes
_NARROW = 1.05  # ratio of two strengths between which it is not worth looking
_TRIES = 25  # strengths in all

Head = tuple[Tensor, Tensor]
"""Weights [C, K] and bias [C], both float32."""


def sparse_head(
    scores: Tensor,
    labels: Tensor,
    classes: int,
    strength: float,
    l1_share: float,
    start: Head | None = None,
    accuracy: float = _ACCURACY,
) -> Head:
    """Weights [C, K] and bias [C] of the head that minimises cross-entropy plus elastic net; the same on every call.

    `strength` (l1_share |W|_1 + (1 - l1_share)/2 |W|^2) is the penalty, W the weights of standardised scores. To
    scikit-learn the same problem is `LogisticRegression(solver="saga", C=1 / (N * strength), l1_ratio=l1_share)`.

    Args:
        scores: [N, K].
        labels: [N], in 0..classes-1; every class occurs.
        classes: C.
        strength: of the elastic net, above 0.
        l1_share: share of it that is absolute values, above 0 and up to 1.
        start: a head to start from, for example the last task's; may have fewer classes and concepts. Saves time only.
        accuracy: how far from optimal a derivative may be, as a share of `strength`.

    Raises:
        ValueError: a class without images, or a strength or share outside its limits.
    """
    with fixed_threads(1):
        fit = _Standardised(scores, labels, classes, l1_share)
        return fit.folded(*fit.solve(strength, fit.unfolded(start), accuracy))


def sparse_head_at(
    scores: Tensor, labels: Tensor, classes: int, concepts: float, l1_share: float
) -> tuple[Head, float]:
    """The head whose classes rest on about `concepts` concepts on average (its NEC), and the strength that gives it.

    Strengths fall by halves from the one at which no concept is used until enough are; then the gap is halved a few
    times. Of all heads on the way the nearest is taken, of equally near ones the first.

    Args:
        concepts: how many effective concepts a class shall have on average, above 0.
        scores, labels, classes, l1_share: as for `sparse_head`.

    Raises:
        ValueError: as `sparse_head`.
    """
    with fixed_threads(1):
        fit = _Standardised(scores, labels, classes, l1_share)
        strongest, head = fit.strongest(), fit.unfolded(None)
        nearest = (math.inf, strongest, head)  # distance, strength, head
        above, below = strongest, 0.0
        for _ in range(_TRIES if strongest > 0 else 0):  # a single class needs no weights
            strength = (above * below) ** 0.5 if below else above * _FACTOR
            head = fit.solve(strength, head, _ROUGHLY)
            used = head[0].count_nonzero().item() / classes
            nearest = min(nearest, (abs(used - concepts), strength, head), key=lambda tried: tried[0])
            above, below = (strength, below) if used < concepts else (above, strength)
            if nearest[0] * classes < 1 or (below and above / below < _NARROW) or strength < _WEAKEST * strongest:
                break
        return fit.folded(*nearest[2]), nearest[1]


class _Standardised:
    """One problem, standardised. Scores [N, K], labels [N]."""

    def __init__(self, scores: Tensor, labels: Tensor, classes: int, l1_share: float) -> None:
        counts = torch.bincount(labels, minlength=classes)
        if len(counts) > classes or not counts.all():
            raise ValueError(
                f"{classes} classes with {counts.tolist()} images: every class needs some, and no other may"
            )
        if not 0 < l1_share <= 1:
            raise ValueError(f"an l1 share of {l1_share}: above 0 and up to 1")
        wide = scores.double()
        self._mean, spread = wide.mean(0), wide.std(0, correction=0)
        self._spread = torch.where(spread > _CONSTANT * wide.abs().amax(0), spread, 1.0)
        self._scores, self._labels = (wide - self._mean) / self._spread, labels
        self._share, self._prior = l1_share, (counts / len(labels)).double().log()

    def solve(self, strength: float, start: Head, accuracy: float) -> Head:
        """Weights and bias, float64, for standardised scores."""
        if not strength > 0:
            raise ValueError(f"a strength of {strength}: above 0")
        penalty = Penalty(strength * self._share, strength * (1 - self._share))
        return Logistic(self._scores, self._labels, penalty).solve(*start, accuracy * strength)

    def strongest(self) -> float:
        """The least strength at which all weights are zero."""
        errors = self._prior.exp().expand(len(self._labels), -1).clone()
        errors[torch.arange(len(errors)), self._labels] -= 1
        return (errors.T @ self._scores / len(errors)).abs().max().item() / self._share

    def unfolded(self, start: Head | None) -> Head:
        """A head on scores as they are, of perhaps fewer classes and concepts, as one on standardised scores."""
        weights = self._mean.new_zeros(len(self._prior), len(self._mean))
        bias = self._prior.clone()
        if start is not None:
            rows, columns = start[0].shape
            weights[:rows, :columns] = start[0].double() * self._spread[:columns]
            bias[:rows] = start[1].double() + start[0].double() @ self._mean[:columns]
        return weights, bias

    def folded(self, weights: Tensor, bias: Tensor) -> Head:
        """A head on standardised scores as one on scores as they are."""
        raw = weights / self._spread
        return raw.float(), (bias - raw @ self._mean).float()
