"""The pointing game on maps whose highest point is plain to see."""

import numpy as np
import torch

from engine.metrics.pointing import pointing_hits


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
