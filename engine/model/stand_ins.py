"""Samples that stand in for the images of old classes, which nobody kept."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.model.course import Labelled
from engine.model.covariances.base import Covariances
from engine.model.gaussian_samples import RIDGE
from engine.model.pool import augmented_pool, partners


def gaussian_stand_ins(means: Tensor, covariances: Covariances, count: int, stream: torch.Generator) -> Labelled:
    """`count` samples of N(mean, covariance + ridge) for each class, at unit length, class by class.

    Args:
        means: [O, D].
        covariances: of the O classes; zero for a class of one image, whose samples then lie close around it.
    """
    drawn = []
    for mean, root in zip(means, covariances.roots(RIDGE), strict=True):
        drawn.append(mean + root(torch.randn(count, covariances.normals, generator=stream)))
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
