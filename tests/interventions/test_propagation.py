"""The conditional normal distribution against a hand-worked example, and what must never move."""

import numpy as np
import pytest

from engine.interventions.levels import levels
from engine.interventions.propagation import (
    FLOORS,
    correlations,
    from_errors,
    from_scores,
    from_statistics,
    propagate,
    propagation_counts,
)

MEAN = np.array([1.0, 2.0, 3.0])
COVARIANCE = np.array([[4.0, 2.0, 0.0], [2.0, 4.0, 1.0], [0.0, 1.0, 1.0]])
FREE = correlations(MEAN, COVARIANCE, "scores", floor=0.0, shrink=0.0)
FIRST, LAST = np.array([True, False, False]), np.array([True, False, True])


def test_one_set_concept_moves_the_others_by_its_regression():
    scores, targets = np.array([0.0, 0.0, 0.0]), np.array([2.0, 9.0, 9.0])
    assert propagate(FREE, scores, FIRST, targets) == pytest.approx([2.0, 1.0, 0.0])  # 2 / 4 x 2; 0 / 4 x 2
    textbook = propagate(FREE, scores, FIRST, targets, keep_own=False)
    assert textbook == pytest.approx([2.0, 2.5, 3.0])  # mu_2 + 2 / 4 x (2 - 1), mu_3


def test_two_set_concepts_against_the_formula():
    targets = np.array([2.0, 0.0, 4.0])
    inner = np.linalg.inv(COVARIANCE[np.ix_([0, 2], [0, 2])])
    expected = 2.0 + COVARIANCE[1, [0, 2]] @ inner @ (np.array([2.0, 4.0]) - MEAN[[0, 2]])
    moved = propagate(FREE, np.zeros(3), LAST, targets, keep_own=False)
    assert moved == pytest.approx([2.0, expected, 4.0])
    assert expected == pytest.approx(2 + 0.5 * 1 + 1 * 1)


def test_setting_to_what_it_is_moves_nothing():
    scores = np.array([0.3, -0.2, 5.0])
    assert np.array_equal(propagate(FREE, scores, LAST, scores), scores)
    assert propagate(FREE, scores, FIRST, MEAN, keep_own=False) == pytest.approx(MEAN)


def test_no_correlation_and_correlation_below_the_floor_move_nothing():
    scores, targets = np.zeros(3), np.array([7.0, 0.0, 0.0])
    apart = correlations(MEAN, np.diag([4.0, 4.0, 1.0]), "scores", floor=0.0)
    assert propagate(apart, scores, FIRST, targets).tolist() == [7.0, 0.0, 0.0]
    strict = correlations(MEAN, COVARIANCE, "scores", floor=0.51)  # the two correlate by 2 / sqrt(4 x 4) = 0.5
    assert propagate(strict, scores, FIRST, targets).tolist() == [7.0, 0.0, 0.0]


def test_nothing_set_and_everything_set():
    scores, targets = np.array([1.0, 2.0, 4.0]), np.array([9.0, 8.0, 7.0])
    assert np.array_equal(propagate(FREE, scores, np.zeros(3, bool), targets), scores)
    assert np.array_equal(propagate(FREE, scores, np.ones(3, bool), targets), targets)


def test_shrinking_moves_less():
    half = correlations(MEAN, COVARIANCE, "scores", floor=0.0, shrink=0.5)
    assert propagate(half, np.zeros(3), FIRST, np.array([2.0, 0.0, 0.0])) == pytest.approx([2.0, 0.5, 0.0])


def test_concepts_without_spread_do_not_break_it():
    flat = correlations(np.zeros(2), np.zeros((2, 2)), "scores", floor=0.0)
    assert propagate(flat, np.zeros(2), np.array([True, False]), np.array([1.0, 0.0])).tolist() == [1.0, 0.0]


def test_errors_are_what_is_left_when_the_truth_is_taken_off():
    truth = np.array([[True, False], [True, False], [False, True], [False, True]])
    scores = np.where(truth, 5.0, 0.0) + np.array([[1, 1], [-1, -1], [1, 1], [-1, -1]])
    found = from_errors(scores, truth, np.array([True, True]))
    assert found.shrunk[0, 1] == pytest.approx(0.5)  # errors move together (covariance 1, shrunk by half) ...
    assert from_scores(scores).shrunk[0, 1] < 0  # ... though the two concepts exclude each other
    assert (found.source, found.floor) == ("errors", FLOORS["errors"])


def test_statistics_give_the_covariance_of_the_scores_they_were_made_from():
    rng = np.random.default_rng(0)
    features = rng.normal(size=(2, 500, 4)) + rng.normal(size=(2, 1, 4))  # two classes of equal size
    rows = rng.normal(size=(3, 4))
    within = np.stack([np.cov(one.T, bias=True) for one in features])
    found = from_statistics(rows, features.mean(1), within.mean(0))
    direct = from_scores(features.reshape(-1, 4) @ rows.T)
    assert found.shrunk == pytest.approx(direct.shrunk) and found.mean == pytest.approx(direct.mean)


def test_counts_by_hand():
    """Two wordings of one concept that err together: correcting one corrects the other."""
    truth = np.array([[True, True], [True, True], [False, False], [False, False]])
    scale = levels(np.where(truth, 4.0, 0.0) + np.array([[0.5], [-0.5]] * 2), truth)
    scores = np.array([[4.0, 4.0], [1.0, 1.5], [0.0, 0.0], [0.0, 0.0]])  # the second image is mistaken twice
    twins = correlations(scores.mean(0), np.array([[1.0, 1.0], [1.0, 1.0]]), "errors", 0.3, shrink=0.0)
    found = propagation_counts(twins, scale, scores, truth, [np.array([0]), np.array([1])])
    assert (found.improved, found.harmed, found.unchanged) == (2, 0, 0)
    opposed = correlations(scores.mean(0), np.array([[1.0, -1.0], [-1.0, 1.0]]), "errors", 0.3, shrink=0.0)
    assert propagation_counts(opposed, scale, scores, truth, [np.array([0])]).improved == 0
