"""Confident learning: pictures whose labels were changed are suspected, and hardly any other."""

import numpy as np

from engine.health.labels import probabilities, suspects
from engine.steps import finish


def clouds(each, seed=0):
    """Five clouds in eight dimensions that hardly touch."""
    draw = np.random.default_rng(seed)
    labels = np.repeat(np.arange(5), each)
    return draw.normal(size=(5, 8))[labels] * 4.0 + draw.normal(size=(5 * each, 8)), labels


def test_changed_labels_are_found():
    features, truth = clouds(80)
    draw = np.random.default_rng(1)
    changed = draw.choice(len(truth), 20, replace=False)
    labels = truth.copy()
    labels[changed] = (truth[changed] + draw.integers(1, 5, 20)) % 5
    found = suspects(finish(probabilities(features, labels, 5, 1993)), labels)
    assert {one.row for one in found} <= set(changed.tolist())
    assert len(found) >= 10, "a picture must be surer of another class than that class's own are on average"
    assert all(one.suggested == truth[one.row] for one in found)
    assert [one.margin for one in found] == sorted(one.margin for one in found)
    assert all(one.label == labels[one.row] and one.margin < 0 for one in found)


def test_nobody_is_judged_by_a_classifier_that_learnt_from_them():
    features, labels = clouds(10)
    alone = np.r_[features, 50.0 * np.ones((1, 8))], np.r_[labels, 5]
    judged = finish(probabilities(*alone, 5, 1993))
    assert judged.shape == (51, 6)
    assert judged[-1, 5] == 0.0, "its class is unknown to whoever judges it"
    np.testing.assert_allclose(judged.sum(1), 1.0)


def test_equal_seeds_give_equal_judgements():
    features, labels = clouds(20)
    first, again, other = (finish(probabilities(features, labels, 4, seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_threshold_is_its_classes_own():
    """Class 1 is never sure of itself, so that 40 % for it, above its threshold of 30 %, make a picture suspect."""
    judged = np.array([[0.35, 0.40, 0.25], [0.95, 0.03, 0.02], [0.5, 0.3, 0.2], [0.1, 0.1, 0.8]])
    labels = np.array([0, 0, 1, 2])
    found = suspects(judged, labels)
    assert [(one.row, one.suggested) for one in found] == [(0, 1)]
    assert found[0].margin == judged[0, 0] - judged[0, 1]
