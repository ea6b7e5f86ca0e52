"""Heat maps over pictures: blue for, orange against, nothing where the score is zero, one scale for two maps."""

import base64
import io

import numpy as np
import pytest
from PIL import Image

from engine.figures.heat import data_address, overlay

GREY = np.full((8, 8, 3), 100, np.uint8)


def test_no_score_leaves_a_grey_picture_as_it_is():
    assert (overlay(GREY, np.zeros((2, 2))) == 100).all()


def test_above_zero_is_blue_and_below_is_orange():
    shown = overlay(GREY, np.array([[1.0, -1.0], [1.0, -1.0]])).astype(int)
    left, right = shown[:, 0], shown[:, -1]
    assert (left[:, 2] > left[:, 0]).all() and (right[:, 0] > right[:, 2]).all()


def test_the_limit_sets_the_strength():
    weak, strong = (overlay(GREY, np.ones((2, 2)), limit) for limit in (4.0, 1.0))
    assert np.ptp(strong[0, 0].astype(int)) > np.ptp(weak[0, 0].astype(int)) > 0
    beyond = overlay(GREY, np.full((2, 2), 9.0), 1.0)
    assert (beyond == strong).all()


@pytest.mark.parametrize("size", [8, 96])
def test_an_address_holds_the_picture(size):
    given = np.full((size, size, 3), (200, 60, 20), np.uint8)
    head, _, body = data_address(given).partition(",")
    assert head == "data:image/webp;base64"
    found = np.asarray(Image.open(io.BytesIO(base64.b64decode(body))).convert("RGB")).astype(int)
    assert found.shape == (size, size, 3) and np.abs(found - given).max() < 12
