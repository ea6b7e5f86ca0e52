"""Concept metrics, by hand."""

import numpy as np
import pytest

from engine.metrics import concepts as con
from engine.metrics.definitions.concepts import CONCEPT_DEFINITIONS

NAN = float("nan")


def column(*values):
    return np.array(values)[:, None]


def test_threshold_lies_between_present_and_absent():
    thresholds = con.best_thresholds(column(0.1, 0.2, 0.6, 0.9), column(False, False, True, True))
    np.testing.assert_allclose(thresholds, [0.4])


def test_threshold_is_balanced_for_a_rare_concept():
    """Calling all absent is 90 % right here, but the best balanced cut finds the one image that has the concept."""
    scores = column(*np.arange(10) / 10)
    truth = column(*[i == 7 for i in range(10)])
    (threshold,) = con.best_thresholds(scores, truth)
    assert threshold == pytest.approx(0.65)
    np.testing.assert_allclose(con.concept_accuracy(scores, truth, np.array([threshold])), [(1 + 7 / 9) / 2])


def test_equal_scores_are_never_separated():
    scores, truth = column(0.5, 0.5, 0.5, 0.9), column(False, True, False, True)
    (threshold,) = con.best_thresholds(scores, truth)
    assert threshold == pytest.approx(0.7)  # hits 1/2, rejections 2/2
    np.testing.assert_allclose(con.concept_accuracy(scores, truth, np.array([threshold])), [0.75])


def test_scores_that_say_nothing_are_worth_a_half():
    scores, truth = np.ones((4, 1)), column(True, False, True, False)
    thresholds = con.best_thresholds(scores, truth)
    np.testing.assert_allclose(con.concept_accuracy(scores, truth, thresholds), [0.5])


def test_the_threshold_comes_from_other_images():
    thresholds = con.best_thresholds(column(0.0, 1.0), column(False, True))
    accuracy = con.concept_accuracy(column(0.6, 0.7, 0.4, 0.2), column(True, False, True, False), thresholds)
    np.testing.assert_allclose(accuracy, [0.5])


def test_a_concept_true_of_all_or_of_none_is_not_judged():
    scores, truth = np.random.default_rng(0).normal(size=(5, 3)), np.zeros((5, 3), bool)
    truth[:, 0], truth[2, 1] = True, True
    thresholds = con.best_thresholds(scores, truth)
    for values in (thresholds, con.concept_accuracy(scores, truth, thresholds), con.concept_auc(scores, truth)):
        assert np.isnan(values).tolist() == [True, False, True]


def test_auc_counts_pairs_and_ties_half():
    # pairs (with, without): (3, 1) (3, 2) (2, 1) win, (2, 2) ties: 3.5 of 4
    np.testing.assert_allclose(con.concept_auc(column(3, 2, 2, 1), column(True, True, False, False)), [3.5 / 4])


def test_auc_is_what_counting_all_pairs_gives():
    rng = np.random.default_rng(1)
    scores, truth = rng.integers(0, 5, (40, 3)), rng.random((40, 3)) < 0.3
    for k, value in enumerate(con.concept_auc(scores, truth)):
        with_it, without = scores[truth[:, k], k], scores[~truth[:, k], k]
        difference = with_it[:, None] - without
        assert value == pytest.approx(((difference > 0) + (difference == 0) / 2).mean())


def test_auc_of_reversed_scores_is_the_rest():
    rng = np.random.default_rng(2)
    scores, truth = rng.normal(size=(30, 2)), rng.random((30, 2)) < 0.5
    np.testing.assert_allclose(con.concept_auc(scores, truth) + con.concept_auc(-scores, truth), 1)


def test_no_images_and_no_concepts():
    assert np.isnan(con.concept_auc(np.zeros((0, 2)), np.zeros((0, 2), bool))).all()
    assert con.best_thresholds(np.zeros((3, 0)), np.zeros((3, 0), bool)).shape == (0,)


ROWS = [np.array([0.9, 0.7]), np.array([0.8, 0.8, 0.6]), np.array([0.7, 0.6, 0.9, 0.5])]
BORN = np.array([0, 0, 1, 2])


def test_concept_matrix_averages_the_concepts_of_each_task():
    expected = [[0.8, NAN, NAN], [0.8, 0.6, NAN], [0.65, 0.9, 0.5]]
    np.testing.assert_allclose(con.concept_matrix(ROWS, BORN), expected)


def test_concept_matrix_leaves_out_what_cannot_be_judged():
    rows = [np.array([0.9, NAN]), np.array([0.8, NAN, NAN])]
    np.testing.assert_allclose(con.concept_matrix(rows, BORN), [[0.9, NAN], [0.8, NAN]])


def test_concept_forgetting_is_the_fall_from_the_best_before_the_last_task():
    np.testing.assert_allclose(con.concept_forgetting(ROWS, BORN), [0.2, 0.2, -0.3])
    unknown = [np.array([NAN, 0.7]), np.array([NAN, 0.9]), np.array([0.5, 0.8])]
    np.testing.assert_allclose(con.concept_forgetting(unknown, np.array([0, 0])), [NAN, 0.1])
    assert len(con.concept_forgetting(ROWS[:1], BORN)) == 0


def test_drift_and_alignment():
    now = np.array([[2.0, 0], [0, 3], [-1, 0], [1, 1]])
    then = np.array([[1.0, 0], [1, 0], [1, 0], [1, 0]])
    np.testing.assert_allclose(con.drift(now, then), [0, 1, 2, 1 - 0.5**0.5], atol=1e-12)
    np.testing.assert_allclose(con.alignment(now, then), [1, 0, -1, 0.5**0.5], atol=1e-12)


WEIGHTS = np.array([[3.0, 0, -2, 0.001], [0, 0, 0, 1]])
BIAS = np.array([0.5, 0.0])


def test_effective_concepts_are_weights_beyond_the_declared_limit():
    assert con.nec(WEIGHTS) == 2  # (3 + 1) / 2
    trained = WEIGHTS + 0.9 * con.EFFECTIVE * np.where(np.eye(2, 4) > 0, -1, 1)  # Adam leaves no zero
    assert (trained != 0).all() and con.nec(trained) == 2
    assert con.effective(trained).tolist() == [[True, False, True, True], [False, False, False, True]]
    assert np.isnan(con.nec(np.zeros((0, 4)))) and con.nec(np.full((2, 2), np.nan)) == 0


def test_the_definition_on_the_screen_states_the_limit():
    told = next(d for d in CONCEPT_DEFINITIONS if d.key == "nec")
    assert f"beyond {con.EFFECTIVE:.5f}" in told.text and "> 10⁻⁵" in told.formula and con.EFFECTIVE == 1e-5


def test_pruning_keeps_the_strongest_and_moves_the_mean_of_the_rest_into_the_bias():
    mean, spread = np.array([1.0, 0, 10, 0]), np.array([1.0, 1, 2, 1])
    weights, bias = con.prune_head(WEIGHTS, BIAS, mean, spread, count=1)
    np.testing.assert_array_equal(weights, [[0, 0, -2, 0], [0, 0, 0, 1]])  # 2 x 2 beats 3 x 1
    np.testing.assert_allclose(bias, [0.5 + 3 * 1, 0])


def test_dropping_constant_concepts_changes_no_prediction():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(20, 4))
    scores[:, 1:3] = [7.0, -4.0]
    weights, bias = rng.normal(size=(3, 4)), rng.normal(size=3)
    labels = (scores @ weights.T + bias).argmax(1)
    moments = scores.mean(0), scores.std(0)
    assert con.right_at_nec(scores, labels, (weights, bias), moments, count=2).all()
    assert con.right_at_nec(scores, labels, (weights, bias), moments, count=99).all()


def test_too_few_concepts_cost_accuracy():
    scores, labels = np.array([[1.0, 0], [0, 1.0]]), np.array([0, 1])
    head = np.array([[1.0, -3], [0.9, 0.5]]), np.zeros(2)
    moments = np.zeros(2), np.ones(2)
    assert con.right_at_nec(scores, labels, head, moments, count=2).all()
    assert con.right_at_nec(scores, labels, head, moments, count=1).mean() == 0.5  # class 0 loses its only plus
