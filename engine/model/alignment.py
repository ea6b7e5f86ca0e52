"""Learning a bottleneck's rows so that their scores resemble those of the concepts' texts.

    maximise  mean_k cos3(X E_k, X B_k)                                                  in the first task
    maximise  (mean_k cos3(X E_k, X B_k) + beta mean_{k old} cos3(X E_k, X E'_k)) / 2    later; E' are the old rows

cos3 centres both columns over the batch, cubes them and takes the cosine: Oikarinen et al., "Label-Free Concept
Bottleneck Models", ICLR 2023; the second term, a distillation, is that of Javadi et al., "CI-CBM", TMLR 2026. The batch
is the whole task. Both terms are 1 where a row is its text: what is learnt on embeddings of the texts' own space can at
best be the text again, as far as the images span it.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.concepts.adam import Adam
from engine.device import fixed_threads

CHECK_EVERY = 50  # steps between two looks at the validation images, as published
_TINY = 1e-30  # keeps a concept that all images score alike from dividing by zero


@dataclass(frozen=True, slots=True)
class AlignedRows:
    """Rows while they are learnt.

    Attributes:
        step: Adam steps so far.
        rows: E, [K, D].
        similarity: the objective on the training images, at most (1 + beta) / 2, or 1 in the first task.
    """

    step: int
    rows: Tensor
    similarity: float


@dataclass(frozen=True, slots=True)
class Goal:
    """What the rows' scores shall resemble.

    Attributes:
        texts: B, [K, D], unit length.
        old: rows before this task, [O, D], of the first O concepts; none in the first task.
        distillation: beta.
    """

    texts: Tensor
    old: Tensor
    distillation: float


def learn_rows(
    start: Tensor, features: Tensor, validation: Tensor, goal: Goal, steps: int, rate: float
) -> Generator[AlignedRows, None, Tensor]:
    """Adam from `start` [K, D] on all `features` [N, D] at once; yields every `CHECK_EVERY` steps, returns the rows.

    Stops as soon as the similarity on `validation` [M, D] falls, and returns the best rows; without at least two
    validation images it takes all steps. The last steps count as a look, however few.
    """
    with fixed_threads(1):
        rows, task, held_out = start.clone(), _Alignment(features, goal), _Alignment(validation, goal)
    optimiser, best, kept = Adam([rows]), -torch.inf, rows.clone()
    for first in range(0, steps, CHECK_EVERY):
        last = min(first + CHECK_EVERY, steps)
        with fixed_threads(1):
            for _ in range(first, last):
                similarity, gradient = task.climb(rows)
                optimiser.step([-gradient], rate)
            seen = held_out.similarity(rows) if len(validation) > 1 else torch.inf
        yield AlignedRows(last, rows.clone(), similarity)
        if seen < best:
            break
        best, kept = seen, rows.clone()
    return kept


class _Alignment:
    """The objective on one set of images."""

    def __init__(self, features: Tensor, goal: Goal) -> None:
        self._features = features
        self._texts, self._old = (_unit_cubes(features @ rows.T) for rows in (goal.texts, goal.old))
        self._half = 0.5 if len(goal.old) else 1.0
        self._distillation = goal.distillation

    def similarity(self, rows: Tensor) -> float:
        """The objective at rows [K, D]."""
        return self._value(self._features @ rows.T)[0]

    def climb(self, rows: Tensor) -> tuple[float, Tensor]:
        """The objective and its gradient by the rows, [K, D]."""
        value, upwards = self._value(self._features @ rows.T)
        return value, upwards.T @ self._features

    def _value(self, scores: Tensor) -> tuple[float, Tensor]:
        """The objective and its gradient by the scores [N, K]."""
        cosine, upwards = cosine_of_cubes(scores, self._texts)
        value, upwards = self._half * cosine.mean(), self._half / scores.shape[1] * upwards
        old = self._old.shape[1]
        if old:
            cosine, kept = cosine_of_cubes(scores[:, :old], self._old)
            value = value + self._half * self._distillation * cosine.mean()
            upwards[:, :old] += self._half * self._distillation / old * kept
        return value.item(), upwards


def cosine_of_cubes(scores: Tensor, goal: Tensor) -> tuple[Tensor, Tensor]:
    """cos3 of each column of scores [N, K] with what `_unit_cubes` made of the goal's, [K], and its gradient [N, K].

    With A the cubed centred scores and G the goal: d cos / d S = (G - cos A / |A|) / |A| * 3 S^2, centred again.
    """
    centred = scores - scores.mean(0)
    square = centred.square()
    cubes = square * centred
    length = cubes.square().sum(0).clamp_min_(_TINY).sqrt_()  # [K]
    cosine = (cubes * goal).sum(0) / length
    upwards = (goal - cubes * (cosine / length)) * square * (3 / length)
    return cosine, upwards - upwards.mean(0)


def _unit_cubes(scores: Tensor) -> Tensor:
    """Columns of scores [N, K] centred, cubed and brought to unit length."""
    cubes = (scores - scores.mean(0)).pow(3)
    return cubes / cubes.square().sum(0).clamp_min(_TINY).sqrt()
