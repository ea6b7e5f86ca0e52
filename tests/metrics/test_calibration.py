"""Calibration, by hand."""

import numpy as np
import pytest

from engine.metrics.calibration import ece, reliability, softmax


def two(*confidences):
    return np.array([[c, 1 - c] for c in confidences])


def test_softmax_of_huge_logits():
    np.testing.assert_allclose(softmax(np.array([[1000.0, 1000.0], [0, np.log(3)]])), [[0.5, 0.5], [0.25, 0.75]])


def test_ece_by_hand():
    # bin (.8, .9]: two at .85, one right: gap .35; bin (.9, 1]: two at .95, both right: gap .05
    probabilities, labels = two(0.85, 0.85, 0.95, 0.95), np.array([0, 1, 0, 0])
    assert ece(probabilities, labels, bins=10) == pytest.approx((2 * 0.35 + 2 * 0.05) / 4)


def test_a_bin_compares_means_so_that_errors_within_it_cancel():
    assert ece(two(0.6, 0.6, 0.6, 0.6, 0.6), np.array([0, 0, 0, 1, 1]), bins=10) == pytest.approx(0)


def test_sure_and_right_is_perfect_sure_and_wrong_is_worst():
    assert ece(two(1.0, 1.0), np.array([0, 0])) == 0
    assert ece(two(1.0, 1.0), np.array([1, 1])) == 1


def test_bins_and_their_edges():
    found = reliability(two(0.5, 0.75, 1.0), np.array([0, 1, 0]), bins=4)
    np.testing.assert_array_equal(found.edges, [0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_array_equal(found.count, [0, 1, 1, 1])  # an edge belongs to the bin below it
    np.testing.assert_array_equal(found.confidence, [np.nan, 0.5, 0.75, 1])
    np.testing.assert_array_equal(found.accuracy, [np.nan, 1, 0, 1])


def test_nothing_to_judge():
    assert np.isnan(ece(np.zeros((0, 2)), np.zeros(0, int)))
