"""Calibration, by hand."""

import numpy as np
import pytest

from engine.metrics import calibration
from engine.metrics.calibration import Reliability, bias, ece, packed, reliability, unpacked, verdict
from engine.model.probabilities import softmax


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


def bins(**of_bin: tuple[float, float, int]) -> Reliability:
    """Bins of confidence by number (`b14=(0.95, 0.9, 100)`): mean confidence, share right, predictions."""
    stored = np.full((3, calibration.BINS), np.nan)
    stored[2] = 0
    for name, values in of_bin.items():
        stored[:, int(name[1:])] = values
    return unpacked(stored)


def test_what_is_stored_is_what_is_read():
    found = reliability(two(0.5, 0.75, 1.0), np.array([0, 1, 0]), bins=4)
    again = unpacked(packed(found))
    for name in ("edges", "confidence", "accuracy", "count"):
        np.testing.assert_array_equal(getattr(found, name), getattr(again, name))


def test_the_signed_gap_and_its_z_by_hand():
    found = bias(bins(b14=(0.95, 0.9, 100), b8=(0.6, 0.5, 20)))
    assert found.gap == pytest.approx((100 * 0.05 + 20 * 0.1) / 120)
    error = np.sqrt(100 * 0.95 * 0.05 + 20 * 0.6 * 0.4) / 120
    assert found.z == pytest.approx(found.gap / error) and found.count == 120
    assert (found.low, found.high) == pytest.approx((found.gap - 1.959964 * error, found.gap + 1.959964 * error), 1e-6)
    assert np.isnan(bias(bins(), only=3).z) and bias(bins(b14=(1.0, 1.0, 5))).gap == 0


@pytest.mark.parametrize(
    ("found", "kind", "sign"),
    [
        (bins(b14=(0.95, 0.90, 1000)), calibration.ON_AVERAGE, 1),
        (bins(b13=(0.90, 0.95, 1000)), calibration.ON_AVERAGE, -1),
        (bins(b13=(0.90, 0.96, 500), b14=(0.96, 0.89, 500)), calibration.IN_A_BIN, 1),
        (bins(b14=(0.95, 0.95, 1000)), calibration.FITS, 0),
        (bins(b8=(0.55, 0.55, 40)), calibration.UNSURE, 0),
        (bins(b14=(0.95, 0.5, 4)), calibration.ON_AVERAGE, 1),
    ],
)
def test_what_a_confidence_is_called(found, kind, sign):
    told = verdict(found)
    assert told.kind == kind and np.sign(round(told.told.gap, 9)) == sign


@pytest.mark.parametrize("low", [0.3, 0.6, 0.9])
def test_a_calibrated_model_is_seldom_called_anything_else(low):
    rng = np.random.default_rng(3)
    misled = []
    for _ in range(400):
        sure = rng.uniform(low, 1.0, 400)
        others = np.repeat((1 - sure[:, None]) / 9, 9, axis=1)  # so many that none of them is ever the surest
        right = rng.random(400) < sure
        told = verdict(reliability(np.concatenate([sure[:, None], others], 1), np.where(right, 0, 1)))
        misled.append(told.kind in (calibration.ON_AVERAGE, calibration.IN_A_BIN))
    assert np.mean(misled) <= 0.075  # 5 %, and three standard errors of 400 tries would be 8.3 %
