"""What photographs allow without a bottleneck: class means and a linear classifier, on all training images at once.

Both on the image tower's own features, from which the joint space of the photo tower is mapped, and on the embeddings.
The classifier's one setting is chosen on the run's validation images.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from sklearn.linear_model import LogisticRegression

from engine.array_types import Floats, Ints
from engine.backbone.photo_map import unit
from engine.bench._photos_runs import last_of
from engine.data.streams import TRAIN, VAL
from engine.session.lab import Lab
from engine.training.material import Sample

_STRENGTHS = (0.1, 1.0, 10.0, 100.0, 1000.0)
"""Inverse strengths of the classifier's ridge that are tried, for features of unit length."""
_ROUNDS = 2000

Part = tuple[Floats, Ints]
"""Features [N, C] of unit length and labels [N]."""


def accuracies(lab: Lab, raw: Mapping[str, Floats]) -> Mapping[str, float]:
    """Accuracy on all test images, 0..1, by features and classifier.

    Args:
        lab: whose split of training and validation images it is.
        raw: the image tower's features of every split, in the order of the folder.
    """
    last = last_of(lab)
    samples = {TRAIN: lab.train(last), VAL: lab.sample(VAL, last), "test": lab.sample("test", last)}
    given = {
        "raw": {name: (raw[lab.own(name)][sample.rows], _labels(sample)) for name, sample in samples.items()},
        "joint": {name: (sample.features.numpy(), _labels(sample)) for name, sample in samples.items()},
    }
    found = {}
    for kind, splits in given.items():
        train, val, test = ((unit(np.asarray(part[0], np.float64)), part[1]) for part in splits.values())
        found[f"{kind}.ncm"] = nearest_mean(train, test)
        found[f"{kind}.linear"] = linear(train, val, test)
    return found


def nearest_mean(train: Part, test: Part) -> float:
    """Accuracy of the class whose mean has the highest cosine."""
    means = unit(np.stack([train[0][train[1] == label].mean(0) for label in np.unique(train[1])]))
    return float(np.mean((test[0] @ means.T).argmax(1) == test[1]))


def linear(train: Part, val: Part, test: Part) -> float:
    """Accuracy of a multinomial logistic regression, of the ridge that does best on validation images."""
    fitted = [LogisticRegression(C=strength, max_iter=_ROUNDS).fit(*train) for strength in _STRENGTHS]
    best = max(fitted, key=lambda model: float(model.score(*val)))
    return float(best.score(*test))


def _labels(sample: Sample) -> Ints:
    return np.asarray(sample.labels.numpy(), np.int64)
