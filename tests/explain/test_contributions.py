"""Contributions: worked out by hand, and adding up everywhere."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from engine.explain.contributions import (
    PAST,
    Contributions,
    bars,
    contrast,
    contributions,
    contributions_all,
    mean_scores,
)
from engine.model.side_channels.linear import LinearSide
from tests.explain.small import images, model, random_model

# scores of x = (0.6, 0.8): a = 0.6, b = 0.8, c = 1.4; logit 0 = 2 x 0.6 - 1 x 0.8 + 0.5 = 0.9, logit 1 = 1.4 - 0.25
HAND = model(
    [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]],
    [[2.0, -1.0, 0.0], [0.0, 0.0, 1.0]],
    [0.5, -0.25],
    means=[[1.0, 0.0], [0.0, 0.5]],
)
X = torch.tensor([0.6, 0.8])


def test_a_contribution_is_weight_times_score():
    found = contributions(HAND, X, 0)
    np.testing.assert_allclose(found.values, [1.2, -0.8, 0.0], atol=1e-6)
    assert (found.bias, found.logit) == (0.5, pytest.approx(0.9))


def test_a_contrast_is_the_difference_of_two_logits():
    found = contrast(HAND, X, 0, 1)
    np.testing.assert_allclose(found.values, [1.2, -0.8, -1.4], atol=1e-6)
    assert found.bias == 0.75
    assert found.logit == pytest.approx(0.9 - 1.15)


def test_centred_moves_what_is_common_into_the_constant():
    means = mean_scores(HAND)
    np.testing.assert_allclose(means, [0.5, 0.25, 0.75])
    found = contributions(HAND, X, 0, means=means)
    np.testing.assert_allclose(found.values, [2 * 0.1, -1 * 0.55, 0.0], atol=1e-6)
    assert found.bias == pytest.approx(0.5 + 2 * 0.5 - 0.25)
    assert found.logit == pytest.approx(0.9)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("centred", [False, True])
def test_they_add_up_to_the_models_own_logit(seed, centred):
    snapshot = random_model(200, 7, width=64, seed=seed)
    means = mean_scores(snapshot) if centred else None
    for feature in images(3, 64, seed):
        for a in range(7):
            found = contributions(snapshot, feature, a, means=means)
            assert abs(found.values.sum() + found.bias - found.logit) < 1e-4
        found = contrast(snapshot, feature, 2, 5, means=means)
        assert abs(found.values.sum() + found.bias - found.logit) < 1e-4


def test_all_at_once_is_one_by_one():
    snapshot, features = random_model(20, 5), images(6)
    positions = np.array([0, 4, 2, 2, 1, 3])
    together = contributions_all(snapshot, features, positions)
    for i, position in enumerate(positions):
        np.testing.assert_allclose(together[i], contributions(snapshot, features[i], position).values, atol=1e-6)
    logits = snapshot.from_features(features).logits.double().numpy()[np.arange(6), positions]
    assert np.abs(together.sum(1) + snapshot.bias.numpy()[positions] - logits).max() < 1e-4


def test_bars_are_the_largest_by_size_and_the_sum_of_the_rest():
    found = bars(Contributions(np.array([0.1, -3.0, 2.0, 0.3, -0.2]), 0.5, -0.3), "abcde", top=2)
    assert (found.concepts, found.names, found.values.tolist()) == ((1, 2), ("b", "c"), [-3.0, 2.0])
    assert (found.others, found.others_count) == (pytest.approx(0.2), 3)
    assert found.values.sum() + found.others + found.bias == pytest.approx(found.logit)


def test_what_rounds_to_nothing_is_left_to_the_others():
    found = bars(Contributions(np.array([2.0, 0.004, -0.001]), 0.0, 2.003), "abc", least=0.005)
    assert (found.names, found.others_count) == (("a",), 2)
    assert found.others == pytest.approx(0.003)
    assert len(bars(Contributions(np.zeros(3), 0.0, 0.0), "abc", least=0.005).names) == 1


def test_fewer_concepts_than_bars_leave_no_others():
    found = bars(Contributions(np.array([1.0, 2.0]), 0.0, 3.0), "ab", top=12)
    assert (found.names, found.others, found.others_count) == (("b", "a"), 0.0, 0)


# beside HAND a residual that adds 3 x_0 to class 0 and 2 x_1 to class 1: 1.8 and 1.6 on X, 1.5 and 0.5 on the mean
BESIDE = replace(HAND, side=LinearSide(torch.tensor([[3.0, 0.0], [0.0, 2.0]])))


def test_what_a_side_channel_adds_is_a_term_of_its_own():
    found = contributions(BESIDE, X, 0)
    np.testing.assert_allclose(found.values, [1.2, -0.8, 0.0], atol=1e-6)
    assert (found.bias, found.side, found.side_name) == (0.5, pytest.approx(1.8), PAST)
    assert found.logit == pytest.approx(2.7)
    assert contributions(HAND, X, 0).side is None
    assert contrast(BESIDE, X, 0, 1).side == pytest.approx(0.2)


def test_centred_moves_what_the_mean_image_gets_from_a_side_channel_into_the_constant():
    found = contributions(BESIDE, X, 0, means=mean_scores(BESIDE))
    assert found.side == pytest.approx(1.8 - 1.5)
    assert found.bias == pytest.approx(0.5 + 2 * 0.5 - 0.25 + 1.5)
    assert found.values.sum() + found.bias + found.side == pytest.approx(found.logit, abs=1e-6)
    shown = bars(found, ["a", "b", "c"], 1)
    assert shown.side == found.side and shown.others == pytest.approx(found.values.sum() - shown.values[0])
