"""What is kept of a class instead of its images: mean and covariance of its embeddings, and its name."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.model.covariance_form import CovarianceForm
from engine.model.covariances.every import COVARIANCES
from engine.model.covariances.full import no_covariances
from engine.model.snapshot import ClassStatistics


def class_statistics(
    features: Tensor, labels: Tensor, first: int, texts: Tensor, form: CovarianceForm | None
) -> ClassStatistics:
    """Statistics of the classes `first`, `first + 1`, ... of which there are as many as `texts`.

    Args:
        features, labels: [N, D] and [N].
        first: label of the first class.
        texts: [M, D], unit-length embeddings of the class names.
        form: of their covariances; None to keep none.
    """
    classes = [features[labels == label] for label in range(first, first + len(texts))]  # [n, D] each
    kept = COVARIANCES[form.name].of_images(classes, form) if form else no_covariances(len(texts))
    return ClassStatistics(torch.stack([own.mean(0) for own in classes]), kept, texts.clone())


def without_covariances(statistics: ClassStatistics) -> ClassStatistics:
    """The same classes with means and names only."""
    return ClassStatistics(statistics.means, no_covariances(len(statistics.means)), statistics.texts)
