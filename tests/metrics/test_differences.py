"""Differences of paired shares and of means, against values worked out by hand."""

import numpy as np
import pytest

from engine.metrics.differences import mean_difference, means, paired_difference

FIRST = np.array([1, 1, 1, 0, 0, 0, 0, 0, 0, 0], bool)
SECOND = np.array([1, 1, 0, 1, 1, 1, 0, 0, 0, 0], bool)


def test_a_paired_difference_by_hand():
    """3 gained, 1 lost, of 10: with half added to each count 3.5 and 1.5 of 12."""
    found = paired_difference(FIRST, SECOND)
    middle, half = 2 / 12, 1.959964 * np.sqrt((5 / 12 - (2 / 12) ** 2) / 12)
    assert found.value == pytest.approx(0.2) and found.count == 10
    assert (found.low, found.high) == pytest.approx((middle - half, middle + half), abs=1e-6)
    assert found.sign == 0


def test_the_other_way_round_it_is_mirrored():
    one, other = paired_difference(FIRST, SECOND), paired_difference(SECOND, FIRST)
    assert (other.value, other.low, other.high) == pytest.approx((-one.value, -one.high, -one.low))


def test_images_on_which_both_agree_narrow_it_and_a_clear_difference_has_a_sign():
    none, every = np.zeros(50, bool), np.ones(50, bool)
    assert paired_difference(none, every).sign == 1 and paired_difference(every, none).sign == -1
    same = paired_difference(every, every)
    assert same.value == 0 and -0.06 < same.low < 0 < same.high < 0.06


def test_an_image_that_was_asked_several_times_counts_by_its_share():
    """Changes of 1, -0.5 and twice 0: with half a gain and half a loss added, 0.5 and squares of 2.25 of 6."""
    found = mean_difference(np.array([1.0, -0.5, 0.0, 0.0]))
    middle, half = 0.5 / 6, 1.959964 * np.sqrt((2.25 / 6 - (0.5 / 6) ** 2) / 6)
    assert (found.value, found.count) == (0.125, 4)
    assert (found.low, found.high) == pytest.approx((middle - half, middle + half), abs=1e-6)
    assert mean_difference(SECOND.astype(float) - FIRST) == paired_difference(FIRST, SECOND)


def test_nothing_measured_and_no_pairs():
    found = paired_difference(np.zeros(0, bool), np.zeros(0, bool))
    assert np.isnan([found.value, found.low, found.high]).all() and found.count == 0 and found.sign == 0
    with pytest.raises(ValueError, match="pairs"):
        paired_difference(FIRST, SECOND[:3])


def test_means_by_hand_leave_unknown_values_out():
    mean, low, high = means(np.array([[1.0, 2.0, 3.0, np.nan], [5.0, np.nan, np.nan, np.nan], [np.nan] * 4]))
    half = 1.959964 * 1 / np.sqrt(3)
    assert mean[:2].tolist() == [2, 5] and np.isnan([mean[2], low[2], high[2]]).all()
    assert (low[0], high[0]) == pytest.approx((2 - half, 2 + half), abs=1e-6) and low[1] == high[1] == 5
