"""Discriminants by hand and against scikit-learn; sums of a few rows against brute force."""

from itertools import combinations

import numpy as np
import pytest
import torch
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from engine.model.discriminant import Discriminant, anchored, pursued, spanned


def sample(classes=4, each=40, width=6, seed=0):
    draw = torch.Generator().manual_seed(seed)
    mix = torch.randn(width, width, generator=draw, dtype=torch.float64)
    centres = 2 * torch.randn(classes, width, generator=draw, dtype=torch.float64)
    labels = torch.arange(classes).repeat_interleave(each)
    return centres[labels] + torch.randn(len(labels), width, generator=draw, dtype=torch.float64) @ mix, labels


def moments(features, labels):
    classes = int(labels.max()) + 1
    means = torch.stack([features[labels == c].mean(0) for c in range(classes)])
    apart = features - means[labels]
    return means, apart.T @ apart / (len(labels) - 1)


def none(width):
    return torch.zeros(0, width, dtype=torch.float64)


def test_two_classes_and_two_directions_by_hand():
    within = torch.diag(torch.tensor([1.0, 4.0], dtype=torch.float64))
    found = Discriminant.of(within, 10**9, none(2), 0.0)
    weights, bias = found.classes(torch.tensor([[1.0, 4.0], [-1.0, 0.0]], dtype=torch.float64))
    np.testing.assert_allclose(weights, [[1, 0.5], [-1, -0.5]], atol=1e-6)
    np.testing.assert_allclose(bias, [-1, 1], atol=1e-6)  # -(1 + 4) / 2 and -1 / 2, less their mean


def test_it_answers_as_scikit_learns_discriminant():
    features, labels = sample()
    means, within = moments(features, labels)
    weights, bias = Discriminant.of(within, 10**12, none(6), 0.0).classes(means)
    ours = (features @ weights.T + bias).argmax(1)
    theirs = LinearDiscriminantAnalysis(solver="lsqr", priors=[0.25] * 4).fit(features.numpy(), labels.numpy())
    assert np.array_equal(ours.numpy(), theirs.predict(features.numpy()))


def test_what_is_set_aside_changes_no_answer():
    features, labels = sample()
    means, within = moments(features, labels)
    aside = torch.eye(6, dtype=torch.float64)[:2]
    found = Discriminant.of(within, len(labels), aside, 0.1)
    weights, _ = found.classes(means)
    assert float((weights @ aside.T).abs().max()) < 1e-12
    np.testing.assert_allclose(found.free, np.diag([0, 0, 1, 1, 1, 1]), atol=1e-12)


def test_faint_directions_are_how_things_are_worded():
    texts = torch.tensor([[1.0, 0.01, 0], [1, -0.01, 0], [0, 0, 0.5], [0, 0, 0.5]], dtype=torch.float64)
    kept = spanned(texts)
    assert kept.shape == (2, 3) and float(kept[:, 1].abs().max()) < 1e-9
    assert spanned(none(3)).shape == (0, 3)


def test_a_class_that_is_a_sum_of_two_rows_is_found():
    draw = torch.Generator().manual_seed(7)
    rows = torch.randn(9, 12, generator=draw, dtype=torch.float64)
    wanted = torch.stack([2 * rows[1] - 3 * rows[4], rows[7]])
    found = pursued(wanted, rows, torch.eye(12, dtype=torch.float64), 2)
    assert (found[0].nonzero().flatten().tolist(), (found @ rows - wanted).abs().max() < 1e-9) == ([1, 4], True)


def test_one_row_is_the_best_one_and_more_never_say_less():
    draw = torch.Generator().manual_seed(2)
    rows, wanted = (torch.randn(n, 5, generator=draw, dtype=torch.float64) for n in (6, 3))
    half = torch.randn(5, 5, generator=draw, dtype=torch.float64)
    covariance = half @ half.T

    def lost(head):
        rest = wanted - head @ rows
        return torch.einsum("cd,de,ce->c", rest, covariance, rest)

    def best(c, places):
        shown = torch.linalg.cholesky(covariance)
        fitted = torch.linalg.lstsq((rows[list(places)] @ shown).T, (wanted[c] @ shown)[:, None]).solution
        return float(((wanted[c] @ shown) - (rows[list(places)] @ shown).T @ fitted[:, 0]).square().sum())

    one = lost(pursued(wanted, rows, covariance, 1))
    for c in range(3):
        assert float(one[c]) == pytest.approx(min(best(c, (k,)) for k in range(6)))
    losses = torch.stack([lost(pursued(wanted, rows, covariance, n)) for n in range(1, 7)])
    assert bool((losses.diff(dim=0) < 1e-9).all())
    assert all(float(losses[2, c]) >= min(best(c, some) for some in combinations(range(6), 3)) - 1e-9 for c in range(3))


def test_more_than_there_are_and_rows_that_say_nothing():
    rows = torch.tensor([[1.0, 0], [0, 0], [2, 0]], dtype=torch.float64)
    found = pursued(torch.tensor([[4.0, 1.0]], dtype=torch.float64), rows, torch.eye(2, dtype=torch.float64), 9)
    assert float(found[0, 1]) == 0
    torch.testing.assert_close(found @ rows, torch.tensor([[4.0, 0.0]], dtype=torch.float64))


def spread(rows, covariance):
    return torch.einsum("kd,de,ke->k", rows, covariance, rows).sqrt()


def test_rows_move_from_their_texts_only_as_far_as_the_anchor_lets_them():
    draw = torch.Generator().manual_seed(4)
    texts, wanted = (torch.randn(n, 8, generator=draw, dtype=torch.float64) for n in (12, 5))
    whole = torch.eye(8, dtype=torch.float64)
    start = texts / spread(texts, whole)[:, None]
    gaps, left = [], []
    for anchoring in (1e6, 10.0, 0.1, 1e-3):
        rows, head = anchored(wanted, texts, whole, 3, anchoring)
        assert int((head != 0).sum(1).max()) == 3
        gaps.append(float((rows - start).norm()))
        left.append(float((wanted - head @ rows).norm()))
    assert gaps == sorted(gaps) and gaps[0] < 1e-4
    assert left == sorted(left, reverse=True) and left[-1] < 0.05 * left[0]


def test_a_row_that_no_class_uses_stays_its_text():
    draw = torch.Generator().manual_seed(9)
    texts, wanted = (torch.randn(n, 6, generator=draw, dtype=torch.float64) for n in (20, 2))
    rows, head = anchored(wanted, texts, torch.eye(6, dtype=torch.float64), 2, 0.1, rounds=1)
    idle = ~(pursued(wanted, texts / texts.norm(dim=1, keepdim=True), torch.eye(6, dtype=torch.float64), 2) != 0).any(0)
    assert idle.any() and head.shape == (2, 20)
    torch.testing.assert_close(rows[idle], (texts / texts.norm(dim=1, keepdim=True))[idle])


def test_the_closed_form_is_the_minimum():
    """One round by hand: the gradient of the objective is zero at the rows found."""
    draw = torch.Generator().manual_seed(1)
    texts, wanted = (torch.randn(n, 5, generator=draw, dtype=torch.float64) for n in (7, 3))
    whole = torch.eye(5, dtype=torch.float64)
    start = texts / texts.norm(dim=1, keepdim=True)
    head = pursued(wanted, start, whole, 2)
    rows, _ = anchored(wanted, texts, whole, 2, 0.7, rounds=1)
    pull = 0.7 * head.square().sum() / 7
    slope = head.T @ (head @ rows - wanted) + pull * (rows - start)
    assert float(slope.abs().max()) < 1e-10
