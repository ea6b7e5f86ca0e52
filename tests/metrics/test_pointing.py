"""The pointing game on maps whose highest point is plain to see."""

import numpy as np
import torch

from engine.metrics.pointing import centre_hits, pointing_hits, random_hits, wrong_value


def test_the_highest_point_counts_and_nothing_else():
    heat = torch.zeros(3, 2, 2)
    heat[0, 0, 0] = 1.0  # top left
    heat[1, 1, 1] = 0.2  # bottom right, weakly: size does not matter
    heat[2, 0, 1] = 1.0  # top right
    masks = np.zeros((3, 8, 8), bool)
    masks[0, :4, :4] = True
    masks[1, 4:, 4:] = True
    masks[2, 4:, :4] = True  # but the thing is bottom left
    assert pointing_hits(heat, masks).tolist() == [True, True, False]


def test_the_middle_and_a_random_point_as_controls():
    masks = np.zeros((2, 8, 8), bool)
    masks[0, 2:6, 2:6] = True  # a quarter, around the middle
    masks[1, 0, 0] = True
    assert centre_hits(masks).tolist() == [True, False]
    assert random_hits(masks).tolist() == [0.25, 1 / 64]


def test_a_wrong_value_is_of_the_same_group_and_not_true_of_the_image():
    groups = ["crown", "wing", "crown", "crown", ""]
    true = np.array([True, True, True, False, True])
    assert wrong_value(0, groups, true) == 3  # the next of the group is true as well, another wording perhaps
    assert wrong_value(3, groups, ~true) == 0  # from the start after the end
    assert wrong_value(1, groups, true) is None and wrong_value(4, groups, ~true) is None
