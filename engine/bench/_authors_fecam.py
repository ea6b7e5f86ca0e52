"""Goswami et al.'s functions for frozen transformers: a class's shrunk, normalised covariance and its distance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats, Ints
from engine.bench._authors_inputs import AuthorsInputs
from engine.bench._authors_loading import functions

if TYPE_CHECKING:
    from torch import Tensor

    from engine.methods.base import TaskData

_SCRIPT = "FeCAM_vit_cifar100.py"
_NAMES = ("shrink_cov", "normalize_cov", "_mahalanobis")
_BATCH = 512  # test images at once, as in the script: the distance is a matrix of all of them


class AuthorsFeCAM:
    """Their functions, of a script that fetches data and networks when it is imported; its settings are in them."""

    concepts = 0

    def __init__(self, given: AuthorsInputs) -> None:
        self._shrink, self._normalise, self._distance = functions(given.checkout / _SCRIPT, _NAMES, {"np": np})
        self._means: list[Floats] = []
        self._correlations: list[Floats] = []

    def learn(self, task: TaskData) -> None:
        """See `AuthorsLearner`."""
        features, labels = task.features.numpy(), task.labels.numpy()
        own = [features[labels == label] for label in np.unique(labels)]
        self._means += [images.mean(axis=0) for images in own]
        self._correlations += self._normalise([self._shrink(np.cov(images.T)) for images in own])

    def answer(self, features: Tensor) -> Tensor:
        """See `AuthorsLearner`; their inverses are taken here, anew for each batch."""
        from torch import from_numpy

        images = features.numpy()
        found = [self._nearest(images[start : start + _BATCH]) for start in range(0, len(images), _BATCH)]
        return from_numpy(np.concatenate(found))

    def _nearest(self, features: Floats) -> Ints:
        classes = zip(self._means, self._correlations, strict=True)
        distances = [self._distance(features - mean, correlations) for mean, correlations in classes]
        return np.asarray(np.argmin(distances, axis=0), np.int64)
