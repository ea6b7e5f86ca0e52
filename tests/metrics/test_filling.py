"""What takes the place of missing patches, against small images worked out by hand."""

import numpy as np
import pytest
import torch

from engine.metrics.filling import CORNER, SIDE, blurred, imputed, mean_coloured


def test_the_weights_of_eight_neighbours_sum_to_one():
    assert pytest.approx(1.0) == 4 * SIDE + 4 * CORNER


def test_one_missing_pixel_is_the_weighted_mean_of_its_neighbours():
    image = np.stack([np.arange(9.0).reshape(3, 3), np.eye(3)])
    missing = np.zeros((3, 3), bool)
    missing[1, 1] = True
    image[:, 1, 1] = 99  # what was there does not matter
    found = imputed(image, missing)
    assert found[0, 1, 1] == pytest.approx(4) and found[1, 1, 1] == pytest.approx(2 * CORNER)
    assert np.array_equal(found[:, ~missing], image[:, ~missing])


def test_in_a_corner_only_the_neighbours_there_are_count():
    image, missing = np.array([[[9.0, 1.0], [2.0, 4.0]]]), np.array([[True, False], [False, False]])
    assert imputed(image, missing)[0, 0, 0] == pytest.approx((SIDE * (1 + 2) + CORNER * 4) / (2 * SIDE + CORNER))


def test_two_missing_neighbours_are_solved_together():
    image, missing = np.array([[[9.0, 9.0], [0.0, 5.0]]]), np.array([[True, True], [False, False]])
    # a (2 S + C) = S b + S 0 + C 5 and b (2 S + C) = S a + S 5 + C 0, with S = 2 C: 5a = 2b + 5, 5b = 2a + 10
    assert imputed(image, missing)[0, 0] == pytest.approx([45 / 21, 60 / 21])


def test_a_slope_goes_on_through_a_hole():
    rows, columns = np.mgrid[:12, :12]
    image = (2.0 * rows - columns)[None]
    missing = np.zeros((12, 12), bool)
    missing[3:9, 4:10] = True  # the mean of neighbours on either side of a plane lies on it
    assert np.allclose(imputed(np.where(missing, 50.0, image), missing), image)


def test_values_stay_between_those_around_them_and_nothing_missing_changes_nothing():
    image = np.random.default_rng(0).random((3, 8, 8))
    missing = np.ones((8, 8), bool)
    missing[0, 0] = missing[7, 3] = False
    known = image[:, ~missing]
    found = imputed(image, missing)
    assert (found.min((1, 2)) >= known.min(1) - 1e-9).all() and (found.max((1, 2)) <= known.max(1) + 1e-9).all()
    assert np.array_equal(imputed(image, np.zeros((8, 8), bool)), image)
    with pytest.raises(ValueError, match="every pixel"):
        imputed(image, np.ones((8, 8), bool))


def test_mean_colours_and_blurs_keep_the_mean():
    images = torch.zeros(1, 3, 9, 9)
    images[0, :, 4, 4] = torch.tensor([1.0, 2.0, 4.0])
    assert torch.allclose(mean_coloured(images)[0, :, 3, 7], torch.tensor([1.0, 2.0, 4.0]) / 81)
    soft = blurred(images, 1.0)
    assert torch.allclose(soft.sum((2, 3)), images.sum((2, 3)), atol=0.02)
    assert torch.allclose(soft[0, 0, 4, 5] / soft[0, 0, 4, 4], torch.tensor(-0.5).exp(), atol=1e-5)
    assert torch.allclose(soft, soft.transpose(2, 3)) and torch.allclose(soft[:, 1] * 2, soft[:, 2])
    assert torch.allclose(blurred(torch.full((1, 3, 4, 4), 0.3), 2.0), torch.tensor(0.3))
