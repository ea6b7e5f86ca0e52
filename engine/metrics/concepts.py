"""Whether concept scores mean what their names say, whether that lasts, and how many concepts a decision rests on.

Scores are compared with a dataset's ground truth of concepts (the Aviary has one). A concept that is true of all images
or of none cannot be judged: its entries are NaN, and means leave it out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.array_types import Bools, Floats, Ints

NAN = float("nan")

NEC = 5
"""Concepts a class at which accuracy is compared, as in VLG-CBM (Srivastava et al. 2024)."""
EFFECTIVE = 1e-5
"""A weight of a head is effective beyond this size. Adam never reaches zero, so no weight is 0 exactly. The limit is
that of the released code of Label-free CBM (Oikarinen et al. 2023); on the demo five of six weights lie below it, most
of them a hundred times smaller, and leaving all of those out changes no answer."""


# -- against the truth -------------------------------------------------------------------------------------------------


def best_thresholds(scores: Floats, truth: Bools) -> Floats:
    """For each concept the score above which to call it present, [K]: best balanced accuracy on these images.

    To be chosen on validation images and used on test images. Lies midway between two scores; of equally good ones the
    lowest is taken. NaN where the truth is the same for all images.

    Args:
        scores: [N, K].
        truth: [N, K].
    """
    found = [_best_threshold(scores[:, k], truth[:, k]) for k in range(scores.shape[1])]
    return np.array(found, np.float64)


def _best_threshold(scores: Floats, truth: Bools) -> float:
    if truth.all() or not truth.any():
        return NAN
    order = np.argsort(scores, kind="stable")
    values, true = np.asarray(scores, np.float64)[order], truth[order]
    # cutting before position i calls images i.. present, for i = 0..N
    missed = np.concatenate([[0], np.cumsum(true)]) / true.sum()
    rejected = np.concatenate([[0], np.cumsum(~true)]) / (~true).sum()
    gain = (rejected - missed).round(12)  # balanced accuracy = (1 + gain) / 2; rounded so that ties are ties
    gain[1:-1][values[1:] == values[:-1]] = -np.inf  # no threshold separates equal scores
    cut = int(gain.argmax())
    if cut in (0, len(values)):
        return float(values[0] - 1 if cut == 0 else values[-1] + 1)
    return float((values[cut - 1] + values[cut]) / 2)


def concept_accuracy(scores: Floats, truth: Bools, thresholds: Floats) -> Floats:
    """Balanced accuracy of each concept, [K], 0..1, chance 0.5: mean of the shares right where true and where false.

    Balanced, because a colour that one bird in ten has would be "90 % right" if the model never saw it.

    Args:
        scores, truth: [N, K].
        thresholds: [K], from `best_thresholds` on validation images.
    """
    called = scores > thresholds
    with np.errstate(invalid="ignore", divide="ignore"):
        hits = (called & truth).sum(0) / truth.sum(0)
        rejections = (~called & ~truth).sum(0) / (~truth).sum(0)
    return np.where(np.isnan(thresholds), NAN, (hits + rejections) / 2)


def concept_auc(scores: Floats, truth: Bools) -> Floats:
    """Area under the ROC curve of each concept, [K], 0..1, chance 0.5.

    The probability that an image with the concept scores higher than one without; equal scores count half
    (Mann & Whitney 1947).

    Args:
        scores, truth: [N, K].
    """
    ranks = np.stack([_mid_ranks(column) for column in scores.T], 1) if scores.size else np.zeros(scores.shape)
    true = truth.sum(0)
    pairs = true * (len(truth) - true)
    wins = np.where(truth, ranks, 0).sum(0) - true * (true + 1) / 2
    return np.asarray(np.where(pairs > 0, wins / np.maximum(pairs, 1), NAN), np.float64)


def _mid_ranks(values: Floats) -> Floats:
    """Ranks from 1; equal values share the mean of their ranks."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - (count - 1) / 2)[place], np.float64)


def mean_known(values: Floats) -> float:
    """Mean without NaN; NaN where nothing is known."""
    known = np.asarray(values)[~np.isnan(values)]
    return float(known.mean()) if len(known) else NAN


# -- over time ---------------------------------------------------------------------------------------------------------


def concept_matrix(rows: Sequence[Floats], born: Ints) -> Floats:
    """Mean concept accuracy or AUC after task t (row) of the concepts that came with task k (column), [T, T].

    NaN above the diagonal and for tasks that brought no concept. Forgetting of concepts is
    `engine.metrics.accuracy.forgetting` of this matrix without such tasks: see `concept_forgetting`.

    Args:
        rows: after each task the value of every concept so far, [K_t]; earlier concepts come first.
        born: [K], the task that brought each concept.
    """
    size = len(rows)
    matrix = np.full((size, size), NAN)
    for t, row in enumerate(rows):
        owners = born[: len(row)]
        matrix[t, : t + 1] = [mean_known(row[owners == k]) for k in range(t + 1)]
    return matrix


def concept_forgetting(rows: Sequence[Floats], born: Ints) -> Floats:
    """Best value before the last task minus the value after it, of each concept known before the last task.

    NaN for concepts that were never judged before, or not at last. Negative where the last task helped.

    Args:
        rows, born: as for `concept_matrix`.
    """
    if len(rows) < 2:
        return np.zeros(0)
    known = int((born[: len(rows[-1])] < len(rows) - 1).sum())
    best = np.full(known, -np.inf)
    for row in rows[:-1]:
        best[: len(row)] = np.fmax(best[: len(row)], row[:known])
    return np.asarray(np.where(np.isfinite(best), best, NAN) - rows[-1][:known], np.float64)


def drift(now: Floats, birth: Floats) -> Floats:
    """1 - cosine between each concept's bottleneck row now and when it was learnt, [K], 0..2; 0 = unmoved.

    Args:
        now, birth: [K, D], none of length 0.
    """
    return 1 - _cosines(now, birth)


def alignment(rows: Floats, texts: Floats) -> Floats:
    """Cosine between each concept's bottleneck row and the text embedding of its name, [K], -1..1; 1 = as named.

    Args:
        rows, texts: [K, D], none of length 0.
    """
    return _cosines(rows, texts)


def _cosines(a: Floats, b: Floats) -> Floats:
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    return np.asarray(np.clip((a * b).sum(1) / lengths, -1.0, 1.0), np.float64)


# -- how many concepts a decision rests on -----------------------------------------------------------------------------


def effective(weights: Floats) -> Bools:
    """Which weights of a head, [C, K], do anything: those beyond `EFFECTIVE` in size. NaN does nothing."""
    return np.asarray(np.abs(weights) > EFFECTIVE, np.bool_)


def nec(weights: Floats) -> float:
    """Number of effective concepts (Srivastava et al. 2024): mean over classes, 0..K; NaN without classes.

    Args:
        weights: [C, K], of the head.
    """
    return float(effective(weights).sum(1).mean()) if len(weights) else NAN


def prune_head(weights: Floats, bias: Floats, mean: Floats, spread: Floats, count: int = NEC) -> tuple[Floats, Floats]:
    """Keep each class's `count` strongest concepts: (weights [C, K], bias [C]).

    Strength is |weight| x the score's spread: what the concept changes from image to image. What a dropped concept
    contributes on average goes into the bias, so that dropping a constant changes nothing.

    Args:
        weights, bias: [C, K] and [C].
        mean, spread: [K] each, mean and standard deviation of the concept scores on training images.
    """
    strength = np.abs(weights) * spread  # [C, K]
    order = np.argsort(-strength, axis=1, kind="stable")
    kept = np.zeros(weights.shape, bool)
    np.put_along_axis(kept, order[:, :count], True, axis=1)
    dropped = np.where(kept, 0.0, weights)
    return np.where(kept, weights, 0.0).astype(np.float64), np.asarray(bias + dropped @ mean, np.float64)


def right_at_nec(
    scores: Floats,
    labels: Ints,
    head: tuple[Floats, Floats],
    moments: tuple[Floats, Floats],
    count: int = NEC,
    beside: Floats | float = 0.0,
) -> Bools:
    """Which images are right, [N], when every class may use only its `count` strongest concepts.

    Args:
        scores: [N, K], concept scores of test images.
        labels: [N].
        head: (weights [C, K], bias [C]).
        moments: (mean [K], standard deviation [K]) of the scores on training images.
        beside: what reaches the logits beside the concepts, [N, C]; it stays.
    """
    weights, bias = prune_head(*head, *moments, count)
    predicted = (scores @ weights.T + bias + beside).argmax(1)  # [N, C] -> [N]
    return np.asarray(predicted == labels)
