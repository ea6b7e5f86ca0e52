"""Counterfactuals against brute force over every subset and every value."""

import dataclasses
from itertools import combinations

import numpy as np
import pytest
import torch

from engine.explain.counterfactual import LEAD, Linear, any_flip, flip_to, least_changes, linear, observed_range
from engine.model.side_channels.linear import LinearSide
from tests.explain.small import images, random_model


def random_case(seed, classes=4, concepts=6, reach=1.0):
    rng = np.random.default_rng(seed)
    scores = rng.normal(size=concepts)
    low, high = scores - rng.random(concepts) * reach, scores + rng.random(concepts) * reach
    return Linear(rng.normal(size=(classes, concepts)), rng.normal(size=classes), scores, low, high)


def corners(case, chosen):
    """All ways to push the chosen concepts to an end of their range."""
    for ends in np.ndindex(*(2,) * len(chosen)):
        scores = case.scores.copy()
        for k, end in zip(chosen, ends, strict=True):
            scores[k] = (case.low[k], case.high[k])[end]
        yield scores


def brute_any(case):
    """Fewest concepts with which any class outranks the predicted one, trying every subset."""
    old = case.logits(case.scores).argmax()
    for size in range(len(case.scores) + 1):
        for chosen in combinations(range(len(case.scores)), size):
            for scores in corners(case, chosen):
                logits = case.logits(scores)
                if np.delete(logits, old).max() >= logits[old] + LEAD:
                    return size
    return None


def brute_to(case, target, steps=5):
    """Fewest concepts with which `target` outranks all others, trying every subset on a grid of values."""
    grids = np.linspace(case.low, case.high, steps, axis=1)
    for size in range(len(case.scores) + 1):
        for chosen in combinations(range(len(case.scores)), size):
            for values in np.ndindex(*(steps,) * size):
                scores = case.scores.copy()
                for k, v in zip(chosen, values, strict=True):
                    scores[k] = grids[k, v]
                logits = case.logits(scores)
                if logits[target] >= np.delete(logits, target).max() + LEAD:
                    return size
    return None


@pytest.mark.parametrize("seed", range(60))
def test_the_smallest_set_is_the_smallest(seed):
    case = random_case(seed, reach=(0.3, 1.0, 2.0)[seed % 3])
    found, expected = any_flip(case), brute_any(case)
    assert (found is None) == (expected is None)
    if found is not None:
        assert len(found.changes) == expected
        assert found.smallest
        check(case, found)


def check(case, found):
    """The changes do what they say and stay in range."""
    scores = case.scores.copy()
    for change in found.changes:
        assert change.before == case.scores[change.concept]
        assert case.low[change.concept] - 1e-12 <= change.after <= case.high[change.concept] + 1e-12
        scores[change.concept] = change.after
    np.testing.assert_allclose(found.logits, case.logits(scores))
    assert found.new == found.logits.argmax() != found.old == case.logits(case.scores).argmax()


@pytest.mark.parametrize("seed", range(40))
def test_a_chosen_class_gets_on_top_and_proofs_are_right(seed):
    case = random_case(seed, concepts=4, reach=2.5)
    for target in range(4):
        found, expected = flip_to(case, target), brute_to(case, target)
        if target == case.logits(case.scores).argmax():
            assert found is None
            continue
        bound = least_changes(case, target)
        if expected is not None:
            assert bound is not None and bound <= expected
        if found is None:
            continue
        check(case, found)
        assert found.new == target
        assert len(found.changes) >= bound
        if found.smallest and expected is not None:
            assert len(found.changes) <= expected


def test_greedy_nearly_always_finds_a_set_and_a_small_one():
    """Of 160 asked-for classes: how many sets are found of those that exist, and how many are larger than need be."""
    missed = larger = exist = 0
    for seed in range(40):
        case = random_case(seed, concepts=4, reach=2.5)
        for target in range(4):
            expected = brute_to(case, target)
            if not expected:
                continue
            exist += 1
            found = flip_to(case, target)
            missed += found is None
            larger += found is not None and len(found.changes) > expected
    assert exist > 50
    assert missed <= 0.1 * exist
    assert larger <= 0.15 * exist


def test_by_hand():
    """Margin 1.0 to class 1; moving a wins 0.6, b 0.5, c 0.3: two changes are enough, one is not."""
    case = Linear(
        np.array([[1.0, 0.0, 1.0], [0.0, 1.0, 0.0]]),
        np.array([0.0, 0.0]),
        np.array([0.7, 0.0, 0.3]),
        np.array([0.1, -1.0, 0.0]),
        np.array([0.9, 0.5, 0.4]),
    )
    found = any_flip(case)
    assert [(c.concept, c.before, c.after) for c in found.changes] == [(0, 0.7, 0.1), (1, 0.0, 0.5)]
    assert (found.old, found.new) == (0, 1)


def test_a_score_outside_the_range_may_stay_where_it_is():
    case = Linear(np.array([[1.0], [-1.0]]), np.zeros(2), np.array([5.0]), np.array([1.0]), np.array([2.0]))
    assert any_flip(case) is None  # within 1..2 class 0 wins


def test_no_way_within_the_range_is_said():
    case = random_case(0, reach=0.0)
    assert any_flip(case) is None
    assert all(flip_to(case, target) is None for target in range(4))


def test_a_lone_class_cannot_be_outranked():
    assert any_flip(Linear(np.ones((1, 2)), np.zeros(1), np.ones(2), np.zeros(2), np.ones(2))) is None


def test_of_a_model_and_an_image():
    snapshot, features = random_model(30, 5), images(200)
    scores = snapshot.from_features(features).scores.double().numpy()
    low, high = observed_range(scores)
    assert (np.mean(scores < low), np.mean(scores > high)) == (pytest.approx(0.05), pytest.approx(0.05))
    found = any_flip(linear(snapshot, features[0], scores[0], low, high))
    logits = snapshot.from_features(features[:1]).logits[0].double().numpy()
    assert found.old == logits.argmax()
    assert found.logits[found.new] >= found.logits[found.old] + LEAD


def test_what_passes_by_the_concepts_stays_as_it_is():
    plain, features = random_model(30, 5), images(3)
    push = torch.zeros(len(plain.class_ids), plain.bottleneck.shape[1])
    push[3] = features[0] * 500
    beside = dataclasses.replace(plain, side=LinearSide(push))
    scores = plain.from_features(features).scores.double().numpy()
    model = linear(beside, features[0], scores[0], scores[0] - 1, scores[0] + 1)
    told = beside.from_features(features[:1]).logits[0].double().numpy()
    np.testing.assert_allclose(model.logits(scores[0]), told, atol=1e-4)
    assert told.argmax() == 3
