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
