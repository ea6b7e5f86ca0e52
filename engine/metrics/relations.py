"""What learning does to the relation of concepts and classes.

Agrawal et al., "Walking the Web of Concept-Class Relationships in Incrementally Trained Interpretable Models" (MuCIL),
AAAI 2025, distinguish forgetting of classes, of concepts, and of the relation between them. Their formula of the last
is in neither the abstract nor the released code, so these measures are ours, and not to be compared with their tables.
Both sides of a linear bottleneck are asked: the concepts, whether their scores still separate the classes they served
(`linear_probe`, whatever the head makes of it), and the head, whether a class still rests on the same concepts
(`kept_weights`).
"""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats, Ints

_RIDGE = 1e-3
"""Of the probe, as a share of the mean variance of the scores: enough to invert, too little to decide."""


def linear_probe(train: tuple[Floats, Ints], test: tuple[Floats, Ints]) -> float:
    """Accuracy on test images of a least-squares classifier from concept scores, 0..1; NaN without test images.

    Args:
        train, test: scores [N, K] and labels [N], in 0..C-1.
    """
    scores, labels = train
    if not len(test[1]):
        return float("nan")
    mean = scores.mean(0)
    centred = scores - mean
    gram = centred.T @ centred
    gram[np.diag_indices_from(gram)] += _RIDGE * (np.trace(gram) / len(gram)) + np.finfo(np.float64).tiny
    targets = np.eye(int(labels.max()) + 1)[labels]
    weights = np.linalg.solve(gram, centred.T @ (targets - targets.mean(0)))  # [K, C]
    answers = ((test[0] - mean) @ weights + targets.mean(0)).argmax(1)
    return float((answers == test[1]).mean())


def kept_weights(now: Floats, then: Floats) -> Floats:
    """Cosine between the weights of each class on the concepts of an earlier moment and those it had then, [C], -1..1.

    1: the class rests on the same concepts in the same proportion. NaN for a class without weights.

    Args:
        now: [C or more, K or more], the head; earlier classes and concepts come first.
        then: [C, K].
    """
    classes, concepts = then.shape
    own = now[:classes, :concepts]
    lengths = np.linalg.norm(own, axis=1) * np.linalg.norm(then, axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(lengths > 0, (own * then).sum(1) / lengths, np.nan), np.float64)
