"""Classifiers in numpy and scikit-learn, written from their papers and apart from `engine.methods`, to check it by.

Each takes training features [N, D] of unit length, labels [N], and the same of validation images, and gives a function
from features [n, D] to logits [n, C]. All images of the classes seen are there at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from engine.array_types import Floats, Ints

Doubles = Floats
Scorer = Callable[[Doubles], Doubles]
Part = tuple[Doubles, Ints]
SHRINKAGE = 1e-4
"""Of SLDA, as Hayes & Kanan 2020."""
_PROJECTED, _SEED = 2000, 0
_RIDGES = tuple(10.0 ** np.arange(-8, 9))


def class_means(part: Part) -> Doubles:
    """[C, D]."""
    features, labels = part
    return np.stack([features[labels == label].mean(0) for label in range(labels.max() + 1)])


def scatter(part: Part) -> Doubles:
    """Covariance within classes, pooled over all images, [D, D]."""
    apart = part[0] - class_means(part)[part[1]]
    return np.asarray(apart.T @ apart / len(apart), np.float64)


def linear(weights: Doubles, bias: Doubles) -> Scorer:
    """Of weights [C, D] and bias [C]."""
    return lambda features: features @ weights.T + bias


def ncm(train: Part, val: Part) -> Scorer:
    """Highest cosine with a class's mean."""
    means = class_means(train)
    return linear(means / np.linalg.norm(means, axis=1, keepdims=True), np.zeros(len(means)))


def discriminant(train: Part, covariance: Doubles) -> Scorer:
    """Linear discriminant with equal priors."""
    return linear(*discriminant_weights(train, covariance))


def discriminant_weights(train: Part, covariance: Doubles) -> tuple[Doubles, Doubles]:
    """Its weights [C, D] and bias [C]."""
    means = class_means(train)
    weights = np.linalg.solve(covariance, means.T).T
    return weights, -0.5 * np.einsum("cd,cd->c", weights, means)


def shrunk(covariance: Doubles, shrinkage: float) -> Doubles:
    """Towards the identity."""
    return (1 - shrinkage) * covariance + shrinkage * np.eye(len(covariance))


def slda(train: Part, val: Part, shrinkage: float = SHRINKAGE) -> Scorer:
    """Hayes & Kanan 2020, whose running sums end in these."""
    return discriminant(train, shrunk(scatter(train), shrinkage))


def gda(train: Part, val: Part) -> Scorer:
    """Wang et al. 2024: (N - 1) S + tr(S) I, S the unbiased covariance around class means."""
    count = len(train[0])
    covariance = scatter(train) * count / (count - 1)
    return discriminant(train, covariance + np.trace(covariance) / (count - 1) * np.eye(len(covariance)))


def lda(train: Part, val: Part) -> Scorer:
    """scikit-learn's, by singular values, with equal priors."""
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    classes = int(train[1].max()) + 1
    model = LinearDiscriminantAnalysis(solver="svd", priors=np.full(classes, 1 / classes)).fit(*train)
    return linear(*_both(model.coef_, model.intercept_))


def _both(weights: Doubles, bias: Doubles) -> tuple[Doubles, Doubles]:
    """One row a class: of two classes scikit-learn keeps the second alone."""
    return (weights, bias) if len(weights) > 1 else (np.vstack([-weights, weights]), np.concatenate([-bias, bias]))


def ridge_weights(train: Part, strength: float) -> Doubles:
    """(X'X + l I)^-1 X'Y of one-hot labels without a bias, [C, D]."""
    features, labels = train
    hot = np.eye(labels.max() + 1)[labels]
    return np.linalg.solve(features.T @ features + strength * np.eye(features.shape[1]), features.T @ hot).T


def ranpac(train: Part, val: Part, ridges: Sequence[float] = _RIDGES) -> Scorer:
    """McDonnell et al. 2023: ridge on relu(x R), its strength by the squared error on validation images.

    Args:
        ridges: strengths to choose from; of a single one nothing is chosen.
    """
    drawn = np.random.default_rng(_SEED).standard_normal((train[0].shape[1], _PROJECTED))
    lift = partial(_lifted, drawn)
    hidden, hot = lift(train[0]), np.eye(train[1].max() + 1)
    values, vectors = np.linalg.eigh(hidden.T @ hidden)
    inside, seen = vectors.T @ (hidden.T @ hot[train[1]]), lift(val[0]) @ vectors
    usable = [one for one in ridges if one > np.finfo(float).eps * values[-1]]
    errors = [((seen @ (inside / (values + one)[:, None]) - hot[val[1]]) ** 2).mean() for one in usable]
    weights = vectors @ (inside / (values + usable[int(np.argmin(errors))])[:, None])  # [M, C]
    return lambda features: lift(features) @ weights


def _lifted(drawn: Doubles, features: Doubles) -> Doubles:
    return np.maximum(features @ drawn, 0)


CLASSIFIERS: Mapping[str, Callable[[Part, Part], Scorer]] = {
    "ncm": ncm,
    "slda": slda,
    "gda": gda,
    "lda": lda,
    "ranpac": ranpac,
}
"""What needs images alone."""
