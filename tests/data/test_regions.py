"""Boxes and points on files become masks on the square that a backbone sees."""

import numpy as np

from engine.data.regions import WHOLE, Regions

NOWHERE = (np.nan, np.nan)


def regions(box, *points):
    parts = {"size": WHOLE, "bill": (0,), "wing": (1, 2)}
    return Regions(np.array([box], float), np.array([points], float), parts)


def test_a_box_is_moved_and_scaled_with_the_picture():
    """40 by 20 pixels: columns 10 to 29 are kept, 20 pixels become 10."""
    masks = regions((12, 4, 8, 10), NOWHERE, NOWHERE, NOWHERE).masks(0, (40, 20), 10)
    expected = np.zeros((10, 10), bool)
    expected[2:7, 1:5] = True
    np.testing.assert_array_equal(masks["size"], expected)


def test_a_point_is_a_disc_of_a_tenth_of_the_boxs_longer_side():
    masks = regions((0, 0, 100, 50), (50, 50), NOWHERE, NOWHERE).masks(0, (100, 100), 100)
    rows, columns = np.nonzero(masks["bill"])
    assert rows.min() == columns.min() == 40 and rows.max() == columns.max() == 59
    assert abs(masks["bill"].sum() - np.pi * 10**2) < 8
    assert not masks["wing"].any()  # hidden, both


def test_a_group_of_several_parts_is_wherever_one_of_them_is_seen():
    masks = regions((0, 0, 20, 20), NOWHERE, (20, 80), (80, 20)).masks(0, (100, 100), 100)
    assert masks["wing"][80, 20] and masks["wing"][20, 80] and not masks["wing"][50, 50]
    assert not masks["bill"].any()


def test_a_point_on_what_is_cut_off_is_nowhere():
    masks = regions((0, 0, 40, 20), (2, 10), (38, 10), (20, 10)).masks(0, (40, 20), 20)
    assert not masks["bill"].any() and masks["wing"][10, 10] and not masks["wing"][10, 19]
    upright = regions((0, 0, 20, 40), (10, 2), (10, 20), (10, 38)).masks(0, (20, 40), 20)
    assert not upright["bill"].any() and upright["wing"][10, 10]


def test_those_of_some_images():
    both = Regions(np.arange(8.0).reshape(2, 4), np.arange(4.0).reshape(2, 1, 2), {"bill": (0,)})
    second = both.of(np.array([False, True]))
    assert (
        second.boxes.tolist() == [[4, 5, 6, 7]] and second.points.tolist() == [[[2, 3]]] and second.parts == both.parts
    )
