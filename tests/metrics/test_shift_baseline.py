"""The clean margin as the baseline of attention's claim: by hand, and on data made to be explained by it."""

import numpy as np
import pytest

from engine.metrics.robustness import association
from engine.metrics.shift_baseline import baseline, ranks, residuals

NAN = float("nan")


def test_ranks_share_ties():
    assert ranks(np.array([3.0, 1.0, 3.0, 2.0])).tolist() == [3.5, 1.0, 3.5, 2.0]


def test_the_margins_auc_is_the_share_of_pairs_in_which_the_fooled_had_less():
    found = baseline(
        np.array([1.0, 2.0, 3.0, 4.0]), np.array([1.0, 2.0, 2.0, 3.0]), np.array([True, True, False, False]), 0
    )
    assert found.margin == (1 + 1 + 0.5 + 1) / 4


def test_what_the_margin_leaves_by_hand():
    """Ranks of the shift 1 3 2 4 on those of the margin 4 3 2 1: slope -0.8, residuals -0.3 0.9 -0.9 0.3."""
    shift, margin, wrong = np.array([0.1, 0.3, 0.2, 0.9]), np.array([9.0, 5.0, 4.0, 1.0]), np.array([0, 1, 0, 1], bool)
    left = residuals(ranks(shift), ranks(margin), np.ones((1, 4)))[0]
    assert left.tolist() == pytest.approx([-0.3, 0.9, -0.9, 0.3])
    assert baseline(shift, margin, wrong, 0).adjusted == 1.0


def test_a_weight_of_two_is_the_image_twice():
    rng = np.random.default_rng(1)
    y, x = rng.random((2, 6))
    weights = np.array([[1.0, 2.0, 0.0, 1.0, 1.0, 3.0]])
    twice = np.repeat(np.arange(6), weights[0].astype(int))
    line = np.polyfit(x[twice], y[twice], 1)
    np.testing.assert_allclose(residuals(y, x, weights)[0], y - np.polyval(line, x), atol=1e-8)


@pytest.mark.parametrize("own", [0.0, 1.0])
def test_a_shift_that_only_follows_the_margin_has_nothing_left_and_one_of_its_own_has(own):
    rng = np.random.default_rng(2)
    margin = rng.random(400)
    hidden = rng.normal(size=400)
    fooled = margin + 0.4 * rng.normal(size=400) - 0.3 * own * hidden < 0.4
    shift = -margin + 0.3 * rng.normal(size=400) + own * hidden
    plain, found = association(shift, fooled, 3), baseline(shift, margin, fooled, 3)
    assert plain.low > 0.5 and found.margin_low > 0.5  # by itself the shift always tells
    if own:
        assert found.adds and found.adjusted > 0.6
    else:
        assert found.adjusted_low < 0.5 < found.adjusted_high and not found.adds and found.margin > plain.auc


def test_unknown_shifts_are_left_out_and_scales_do_not_matter():
    rng = np.random.default_rng(5)
    shift, margin, wrong = rng.random(30), rng.random(30), rng.random(30) < 0.4
    found = baseline(shift, margin, wrong, 7)
    grown = [np.append(one, value) for one, value in ((shift, NAN), (margin, 9.0), (wrong, True))]
    assert baseline(*grown, 7) == found == baseline(shift * 1e-9, np.exp(margin), wrong, 7)
    assert found.adjusted_low < found.adjusted < found.adjusted_high and found != baseline(shift, margin, wrong, 8)


@pytest.mark.parametrize("wrong", [[True, True], [False, False]])
def test_without_both_kinds_nothing_can_be_said(wrong):
    found = baseline(np.array([1.0, 2.0]), np.array([1.0, 2.0]), np.array(wrong), 0)
    assert np.isnan([found.margin, found.margin_low, found.adjusted, found.adjusted_high]).all() and not found.adds


def test_a_margin_that_never_differs_takes_nothing_out():
    shift, wrong = np.arange(6.0), np.array([False, True] * 3)
    found = baseline(shift, np.full(6, 2.0), wrong, 0)
    assert found.margin == 0.5 and found.adjusted == association(shift, wrong, 0).auc
