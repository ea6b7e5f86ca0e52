"""Discriminants by hand and against scikit-learn; sums of a few rows against brute force."""

from itertools import combinations

import numpy as np
import pytest
import torch
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from engine.model.discriminant import Discriminant, pursued, spanned


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
    rows, _ = found.concepts(torch.full((4,), 40), means, torch.eye(4, dtype=torch.bool))
    weights, _ = found.classes(means)
    assert float((torch.cat([rows, weights]) @ aside.T).abs().max()) < 1e-12


def test_faint_directions_are_how_things_are_worded():
    texts = torch.tensor([[1.0, 0.01, 0], [1, -0.01, 0], [0, 0, 0.5], [0, 0, 0.5]], dtype=torch.float64)
    kept = spanned(texts)
    assert kept.shape == (2, 3) and float(kept[:, 1].abs().max()) < 1e-9
    assert spanned(none(3)).shape == (0, 3)


def test_a_concepts_row_tells_who_lists_it_and_has_unit_spread():
    features, labels = sample(seed=3)
    means, within = moments(features, labels)
    listed = torch.tensor([[1, 1, 0], [1, 1, 0], [0, 1, 0], [0, 1, 0]], dtype=torch.bool)
    found = Discriminant.of(within, len(labels), none(6), 0.0)
    rows, tells = found.concepts(torch.full((4,), 40), means, listed)
    assert tells.tolist() == [True, False, False]
    scores = features @ rows[0]
    assert scores[labels < 2].mean() > scores[labels > 1].mean()
    spread = torch.cat([scores[labels == c] - scores[labels == c].mean() for c in range(4)]).std(correction=1)
    assert float(spread) == pytest.approx(1.0, abs=1e-6)


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
