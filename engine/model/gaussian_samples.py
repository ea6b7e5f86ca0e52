"""Gaussian samples of old classes, drawn from the mean and covariance kept of each (Yu et al., CVPR 2025)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

RIDGE = 1e-4
"""Added to the diagonal of every covariance, as published: with fewer samples than dimensions it is singular."""


_TINY = 1e-12  # length below which a sample is not brought to unit length


@dataclass(frozen=True, slots=True)
class EpochSamples:
    """An epoch's samples.

    Attributes:
        features: [batches, per_batch, D], unit length.
        lengths: [batches, per_batch, 1], what they had before.
        labels: [batches, per_batch].
    """

    features: Tensor
    lengths: Tensor
    labels: Tensor


@dataclass(frozen=True, slots=True)
class GaussianSamples:
    """Draws `count` samples for each of some old classes per batch, the classes taking turns in a shuffled order.

    With fewer turns in an epoch than old classes, an order that restarts never reaches the rest of them.

    Attributes:
        means: [O, D].
        roots: [O, D, D], Cholesky factors of the covariances.
        turns: [O], the order of the turns.
        classes: old classes per batch.
        count: samples per class and batch.
        restart: whether every epoch starts at the first turn, or goes on where the one before ended.
    """

    means: Tensor
    roots: Tensor
    turns: Tensor
    classes: int
    count: int
    restart: bool = True

    @property
    def per_batch(self) -> int:
        """How many samples every batch gets."""
        return self.classes * self.count

    def draw(self, batches: int, epoch: int, stream: torch.Generator) -> EpochSamples:
        """Samples for an epoch, counted from 0."""
        first = 0 if self.restart else epoch * batches * self.classes
        turn = (first + torch.arange(batches * self.classes)) % len(self.turns)
        labels = self.turns[turn].repeat_interleave(self.count)  # [batches * per_batch]
        features = torch.randn(len(labels), self.means.shape[1], generator=stream)
        for position in sorted(set(labels.tolist())):
            where = (labels == position).nonzero().flatten()
            features[where] = features[where] @ self.roots[position].T + self.means[position]
        lengths = features.norm(dim=1, keepdim=True).clamp_min(_TINY)
        shape = batches, self.per_batch
        return EpochSamples((features / lengths).view(*shape, -1), lengths.view(*shape, 1), labels.view(shape))


def gaussian_extras(
    means: Tensor, covariances: Tensor, classes: int, count: int, stream: torch.Generator, restart: bool = True
) -> GaussianSamples:
    """Prepare the draws for old classes with `means` [O, D] and `covariances` [O, D, D]."""
    ridge = RIDGE * torch.eye(means.shape[1])
    roots = torch.linalg.cholesky(covariances + ridge)
    return GaussianSamples(means, roots, torch.randperm(len(means), generator=stream), classes, count, restart)
