"""What is kept of a class instead of its images: mean and covariance of its embeddings, and its name."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.model.snapshot import ClassStatistics


def class_statistics(features: Tensor, labels: Tensor, first: int, texts: Tensor, covariances: bool) -> ClassStatistics:
    """Statistics of the classes `first`, `first + 1`, ... of which there are as many as `texts`.

    Args:
        features, labels: [N, D] and [N].
        first: label of the first class.
        texts: [M, D], unit-length embeddings of the class names.
        covariances: whether to compute them; zeros for a class with a single sample.
    """
    means, spreads = [], []
    for label in range(first, first + len(texts)):
        own = features[labels == label]  # [n, D]
        means.append(own.mean(0))
        if covariances:
            spreads.append(torch.cov(own.T) if len(own) > 1 else own.new_zeros(own.shape[1], own.shape[1]))
    empty = features.new_zeros(len(texts), 0, 0)
    return ClassStatistics(torch.stack(means), torch.stack(spreads) if covariances else empty, texts.clone())


def without_covariances(statistics: ClassStatistics) -> ClassStatistics:
    """The same classes with means and names only."""
    return ClassStatistics(statistics.means, statistics.covariances[:, :0, :0], statistics.texts)
