"""What learning does to the relation of concepts and classes, by hand."""

import numpy as np
import pytest

from engine.metrics.relations import kept_weights, linear_probe


def test_scores_that_separate_classes_are_told_and_mixed_ones_guessed():
    scores = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]])
    labels = np.array([0, 0, 1, 1])
    assert linear_probe((scores, labels), (scores, labels)) == 1
    assert linear_probe((scores, labels), (scores[::-1], labels)) == 0
    assert linear_probe((np.ones((4, 2)), labels), (np.ones((2, 2)), np.array([0, 1]))) == 0.5
    assert np.isnan(linear_probe((scores, labels), (scores[:0], labels[:0])))


def test_the_probe_is_ridge_regression_on_one_hot_targets():
    from sklearn.linear_model import Ridge

    rng = np.random.default_rng(0)
    labels = rng.integers(0, 4, 200)
    scores = rng.normal(size=(200, 7)) + np.eye(4)[labels] @ rng.normal(size=(4, 7))
    strength = 1e-3 * np.trace(np.cov(scores.T, bias=True)) * 200 / 7
    known = Ridge(strength).fit(scores[:150], np.eye(4)[labels[:150]])
    theirs = known.predict(scores[150:]).argmax(1) == labels[150:]
    found = linear_probe((scores[:150], labels[:150]), (scores[150:], labels[150:]))
    assert found == pytest.approx(theirs.mean(), abs=0.021)


def test_weights_are_compared_on_the_concepts_of_their_time():
    """(3, 4) and (4, 3): 24 of 25; a concept that came later and a class that came later do not count."""
    then = np.array([[3.0, 4.0], [1.0, 0.0], [0.0, 0.0]])
    now = np.array([[4.0, 3.0, 9.0], [-2.0, 0.0, 1.0], [1.0, 1.0, 0.0], [5.0, 5.0, 5.0]])
    assert kept_weights(now, then) == pytest.approx([0.96, -1.0, np.nan], nan_ok=True)
