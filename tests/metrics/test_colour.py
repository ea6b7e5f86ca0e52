"""Colours as people see them, against published values."""

import numpy as np
import pytest

from engine.metrics import colour


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((1, 1, 1), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((1, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 0, 1), (32.30, 79.19, -107.86)),
        ((0.5, 0.5, 0.5), (53.39, 0, 0)),
    ],
)
def test_srgb_in_cielab(rgb, lab):
    np.testing.assert_allclose(colour.lab(np.array(rgb, float)), lab, atol=0.02)


def test_what_is_equal_has_no_distance_and_a_level_of_grey_is_hardly_any():
    grey = np.full((4, 4, 3), 0.5)
    assert colour.visibility(grey, grey) == 0
    assert colour.visibility(grey, grey + 1 / 255) == pytest.approx(0.38, abs=0.02)
    assert colour.visibility(grey, grey + 1 / 255) < colour.UNSEEN


def test_five_in_a_hundred_pixels_may_be_seen():
    grey = np.full((10, 10, 3), 0.5)
    for changed, visible in ((4, False), (7, True)):
        other = grey.copy()
        other.reshape(-1, 3)[:changed] = 1.0
        assert (colour.visibility(grey, other) > colour.NOTICEABLE) is visible


def test_colour_that_moves_in_a_bright_sky_is_seen_at_four_levels():
    sky = np.broadcast_to(np.array([0.75, 0.85, 0.95]), (16, 16, 3))
    signs = np.random.default_rng(0).choice([-1.0, 1.0], sky.shape)
    assert colour.visibility(sky, sky + 4 / 255 * signs) > colour.NOTICEABLE
