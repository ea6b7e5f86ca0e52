"""Gaussian samples of old classes, drawn from the mean and covariance kept of each (Yu et al., CVPR 2025)."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

RIDGE = 1e-4
"""Added to the diagonal of every covariance, as published: with fewer samples than dimensions it is singular."""


@dataclass(frozen=True, slots=True)
class Extras:
    """Draws `count` samples for each of some old classes per batch, the classes taking turns in a shuffled order.

    Attributes:
        means: [O, D].
        roots: [O, D, D], Cholesky factors of the covariances.
        turns: [O], the order of the turns.
        classes: old classes per batch.
        count: samples per class and batch.
    """

    means: Tensor
    roots: Tensor
    turns: Tensor
    classes: int
    count: int

    @property
    def per_batch(self) -> int:
        """How many samples every batch gets."""
        return self.classes * self.count

    def draw(self, batches: int, stream: torch.Generator) -> tuple[Tensor, Tensor]:
        """Samples for an epoch.

        Returns:
            Unit-length features [batches, per_batch, D] and labels [batches, per_batch].
        """
        turn = torch.arange(batches * self.classes) % len(self.turns)
        labels = self.turns[turn].repeat_interleave(self.count)  # [batches * per_batch]
        features = torch.randn(len(labels), self.means.shape[1], generator=stream)
        for position in sorted(set(labels.tolist())):
            where = (labels == position).nonzero().flatten()
            features[where] = features[where] @ self.roots[position].T + self.means[position]
        features = torch.nn.functional.normalize(features, dim=1)
        return features.view(batches, self.per_batch, -1), labels.view(batches, self.per_batch)


def gaussian_extras(means: Tensor, covariances: Tensor, classes: int, count: int, stream: torch.Generator) -> Extras:
    """Prepare the draws for old classes with `means` [O, D] and `covariances` [O, D, D]."""
    ridge = RIDGE * torch.eye(means.shape[1])
    roots = torch.linalg.cholesky(covariances + ridge)
    return Extras(means, roots, torch.randperm(len(means), generator=stream), classes, count)
