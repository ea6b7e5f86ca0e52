"""Samples that stand in for the images of old classes, which nobody kept."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.model.course import Labelled
from engine.model.gaussian_samples import RIDGE
from engine.model.pool import augmented_pool, partners


def gaussian_stand_ins(means: Tensor, covariances: Tensor, count: int, stream: torch.Generator) -> Labelled:
    """`count` samples of N(mean, covariance + ridge) for each class, at unit length, class by class.

    Args:
        means: [O, D].
        covariances: [O, D, D]; zero for a class of one image, whose samples then lie close around it.
    """
    width = means.shape[1]
    drawn = []
    for mean, covariance in zip(means, covariances, strict=True):
        root = torch.linalg.cholesky(covariance + RIDGE * torch.eye(width))
        drawn.append(mean + torch.randn(count, width, generator=stream) @ root.T)
    return Labelled(
        torch.nn.functional.normalize(torch.cat(drawn), dim=1), torch.arange(len(means)).repeat_interleave(count)
    )


def moved_stand_ins(features: Tensor, labels: Tensor, old_means: Tensor, new_means: Tensor) -> Labelled:
    """For each old class the images of the new class whose mean is nearest in cosine, moved to the old mean.

    Args:
        features, labels: new images [N, D] and [N]; labels count from the number of old classes.
        old_means, new_means: [O, D] and [M, D].
    """
    pool = augmented_pool(features, labels, old_means, new_means, partners(old_means, new_means))
    new = len(labels)
    return Labelled(pool.features()[new:], pool.labels[new:])
