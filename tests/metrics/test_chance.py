"""Limits of chance against closed forms, SciPy and simulation."""

import math

import numpy as np
import pytest
from scipy.stats import binom

from engine.metrics import chance


def test_the_interval_reaches_further_the_more_was_looked_at():
    assert chance.quantile() == pytest.approx(1.959964, abs=1e-6)
    assert chance.quantile(sides=1) == pytest.approx(1.644854, abs=1e-6)
    assert chance.quantile(10) == pytest.approx(2.807034, abs=1e-6)  # 0.5 % in both tails


def test_a_difference_worked_out_by_hand():
    found = chance.difference(9, 10, 5, 10)
    first, second = 10 / 12, 6 / 12  # one success and one failure added to each
    half = 1.959964 * math.sqrt(first * (1 - first) / 12 + second * (1 - second) / 12)
    assert found.value == pytest.approx(0.4)
    assert (found.low, found.high) == pytest.approx((first - second - half, first - second + half), abs=1e-6)
    assert math.isnan(chance.difference(0, 0, 1, 2).value)


def test_two_samples_of_one_share_seldom_differ():
    rng = np.random.default_rng(0)
    pairs = rng.binomial(200, 0.9, (2000, 2))
    wrong = np.mean([chance.difference(int(a), 200, int(b), 200).sign != 0 for a, b in pairs])
    assert 0.03 < wrong < 0.06


@pytest.mark.parametrize(("hits", "trials", "share"), [(7, 20, 0.1), (1, 5, 0.5), (20, 20, 0.9), (3, 1600, 0.001)])
def test_the_tail_is_the_binomial_s(hits, trials, share):
    assert chance.tail(hits, trials, share) == pytest.approx(binom.sf(hits - 1, trials, share), rel=1e-9)


@pytest.mark.parametrize(("auc", "positives", "negatives"), [(0.9, 20, 20), (0.8, 10, 30), (0.5, 5, 5)])
def test_an_auc_s_interval_ends_where_its_own_error_reaches_the_auc(auc, positives, negatives):
    """Each end is 1.96 of its own Hanley-McNeil errors away, both kinds counting as their mean (Newcombe 2006)."""
    mean = (positives + negatives) / 2
    for end in chance.auc_interval(auc, positives, negatives):
        one, two = end / (2 - end), 2 * end**2 / (1 + end)
        variance = end * (1 - end) + (mean - 1) * (one - end**2 + two - end**2)
        assert abs(auc - end) == pytest.approx(1.959964 * math.sqrt(variance / (positives * negatives)), rel=1e-5)


def test_an_auc_of_one_has_an_interval_and_one_of_no_images_none():
    low, high = chance.auc_interval(1.0, 5, 5)
    assert 0.5 < low < 0.7 and high == 1.0
    assert chance.auc_interval(0.0, 5, 5) == pytest.approx((1 - high, 1 - low), abs=1e-9)
    assert all(math.isnan(end) for end in chance.auc_interval(0.7, 0, 5))


def test_the_interval_of_few_images_holds_the_auc_as_often_as_it_says():
    rng, truth, held = np.random.default_rng(0), 0.86, 0  # AUC of two normals 1.53 apart
    for _ in range(400):
        with_it, without = rng.normal(1.5279, 1, 8), rng.normal(0, 1, 8)
        low, high = chance.auc_interval(float((with_it[:, None] > without).mean()), 8, 8)
        held += low <= truth <= high
    assert 0.92 < held / 400 <= 1.0


def test_tails_at_the_ends():
    assert chance.tail(0, 5, 0.2) == 1.0 and chance.tail(6, 5, 0.2) == 0.0
    assert chance.tail(1, 5, 0.0) == 0.0 and chance.tail(5, 5, 1.0) == 1.0


def test_the_error_of_an_auc_is_the_spread_of_samples():
    rng = np.random.default_rng(1)
    positives, negatives = rng.exponential(1.0, (3000, 40)) * 4, rng.exponential(1.0, (3000, 80))
    aucs = (positives[:, :, None] > negatives[:, None, :]).mean((1, 2))  # AUC 0.8, the case the formula is exact for
    assert chance.auc_error(0.8, 40, 80) == pytest.approx(aucs.std(), rel=0.05)
    assert math.isnan(chance.auc_error(0.8, 0, 80))


def test_no_balanced_accuracy_spreads_more_than_the_largest_error():
    rng = np.random.default_rng(2)
    for rate in (0.5, 0.8):
        values = (rng.binomial(30, rate, 4000) / 30 + rng.binomial(300, rate, 4000) / 300) / 2
        assert values.std() <= chance.balanced_error(30, 300) * 1.03
    assert math.isnan(chance.balanced_error(0, 3))


@pytest.mark.parametrize(
    ("right", "count", "classes", "only_guessed"),
    [(13, 100, 10, True), (30, 100, 10, False), (1, 2, 2, True), (100, 100, 1, False), (0, 0, 4, False)],
)
def test_a_choice_that_guessing_would_give_as_well(right, count, classes, only_guessed):
    assert chance.guessed(right, count, classes) is only_guessed
