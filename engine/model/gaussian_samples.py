"""Gaussian samples of old classes, drawn from the mean and covariance kept of each (Yu et al., CVPR 2025)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.model.covariances.base import Covariances, Root

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
        normals: how many standard normal numbers a sample takes.
        roots: what makes a deviation from each class's mean of them, O.
        turns: [O], the order of the turns.
        classes: old classes per batch.
        count: samples per class and batch.
        restart: whether every epoch starts at the first turn, or goes on where the one before ended.
    """

    means: Tensor
    normals: int
    roots: Sequence[Root]
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
        noise = torch.randn(len(labels), self.normals, generator=stream)
        features = deviations(self.roots, labels, noise) + self.means[labels]
        lengths = features.norm(dim=1, keepdim=True).clamp_min(_TINY)
        shape = batches, self.per_batch
        return EpochSamples((features / lengths).view(*shape, -1), lengths.view(*shape, 1), labels.view(shape))


def deviations(roots: Sequence[Root], labels: Tensor, noise: Tensor) -> Tensor:
    """How samples [n, D] of classes `labels` [n] lie from their classes' means.

    Args:
        noise: standard normal numbers [n, `Covariances.normals`].
    """
    groups = {one: (labels == one).nonzero().flatten() for one in sorted(set(labels.tolist()))}
    made = [roots[one](noise[where]) for one, where in groups.items()]
    return torch.cat(made)[torch.cat([*groups.values()]).argsort()]


def gaussian_extras(
    means: Tensor, covariances: Covariances, classes: int, count: int, stream: torch.Generator, restart: bool = True
) -> GaussianSamples:
    """Prepare the draws for old classes with `means` [O, D] and their covariances."""
    drawing = covariances.normals, tuple(covariances.roots(RIDGE))
    return GaussianSamples(means, *drawing, torch.randperm(len(means), generator=stream), classes, count, restart)
