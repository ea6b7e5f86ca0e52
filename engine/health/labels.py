"""Pictures whose label is likely wrong, by confident learning (Northcutt, Jiang and Chuang, JAIR 2021).

Every training picture is judged by a linear classifier on embeddings that never saw it (K folds). A class's threshold
is the mean probability that its own pictures get for it (the paper's equation 2). A picture is suspect when the
likeliest of all classes that reach their thresholds is not its own. Suspects come by margin: the probability of the
own label less that of the suggested one, the most negative first.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats, Ints
from engine.steps import Step

_ROUNDS = 300
"""Steps the solver may take; on standardised embeddings it needs some tens."""
_STRENGTH = 0.1
"""Inverse strength of the classifier's ridge penalty: embeddings have more numbers than most classes have pictures."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A picture whose label is likely wrong.

    Attributes:
        row: of the training split.
        label: its class now.
        suggested: the class that fits better.
        margin: probability of the label less that of the suggestion, -1..1.
    """

    row: int
    label: int
    suggested: int
    margin: float


def probabilities(features: Floats, labels: Ints, folds: int, seed: int) -> Generator[Step, None, Floats]:
    """Out-of-fold probabilities [N, C] of the N labelled embeddings [N, D].

    A class with fewer pictures than folds is in fewer of them; one picture alone is never learnt when it is judged.
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    found = np.zeros((len(labels), int(labels.max()) + 1), np.float64)
    part = _parts(labels, folds, seed)
    for fold in range(folds):
        yield Step(fold, folds, "looking for wrong labels")
        judged = part == fold
        model = make_pipeline(StandardScaler(), LogisticRegression(C=_STRENGTH, max_iter=_ROUNDS))
        model.fit(features[~judged], labels[~judged])
        found[np.ix_(judged, model[-1].classes_)] = model.predict_proba(features[judged])
    return found


def suspects(probabilities: Floats, labels: Ints) -> tuple[Suspect, ...]:
    """Those whose label is likely wrong, the surest first.

    Args:
        probabilities: [N, C], of pictures that the model behind them did not learn from.
        labels: [N].
    """
    rows = np.arange(len(labels))
    counts = np.bincount(labels, minlength=probabilities.shape[1])
    own = probabilities[rows, labels]
    threshold = np.bincount(labels, weights=own, minlength=len(counts)) / np.maximum(counts, 1)  # [C]
    reaches = (probabilities >= threshold) & (counts > 0)
    suggested = np.where(reaches, probabilities, -1.0).argmax(1)
    wrong = np.flatnonzero(reaches.any(1) & (suggested != labels))
    margin = own[wrong] - probabilities[wrong, suggested[wrong]]
    order = np.lexsort((wrong, margin))
    return tuple(
        Suspect(int(wrong[i]), int(labels[wrong[i]]), int(suggested[wrong[i]]), float(margin[i])) for i in order
    )


def _parts(labels: Ints, folds: int, seed: int) -> Ints:
    """Which part each picture is in, [N]; each class is spread over them evenly."""
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    part = np.zeros(len(labels), np.int64)
    order = shuffled[np.argsort(labels[shuffled], kind="stable")]
    part[order] = np.arange(len(labels)) % folds
    return part
