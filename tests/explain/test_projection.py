"""Maps of the embedding space, by hand."""

import math

import numpy as np
import pytest

from engine.explain.projection import beside, nearest, own_neighbour, principal_plane


def test_the_plane_of_points_along_two_known_directions():
    # along (.6, .8, 0) with variance 4 x that along (0, 0, 1); nothing along (.8, -.6, 0)
    points = np.array([[0.6, 0.8, 0], [-0.6, -0.8, 0], [0, 0, 0.5], [0, 0, -0.5]]) + 7.0
    plane = principal_plane(points)
    np.testing.assert_allclose(plane.mean, [7, 7, 7])
    np.testing.assert_allclose(plane.axes, [[0.6, 0.8, 0], [0, 0, 1]], atol=1e-12)
    np.testing.assert_allclose(plane.explained, [0.8, 0.2])  # 2 and 0.5 of 2.5
    np.testing.assert_allclose(plane.place(points), [[1, 0], [-1, 0], [0, 0.5], [0, -0.5]], atol=1e-12)


def test_the_sign_of_an_axis_does_not_depend_on_the_order_or_side_of_the_points():
    points = np.random.default_rng(0).normal(size=(40, 5))
    mirrored = principal_plane(-points)
    for other in (principal_plane(points[::-1]), mirrored):
        np.testing.assert_allclose(principal_plane(points).axes, other.axes, atol=1e-9)
    assert (mirrored.axes[np.arange(2), np.abs(mirrored.axes).argmax(1)] > 0).all()


def test_a_single_point_and_a_single_dimension_have_a_place():
    assert principal_plane(np.ones((1, 4))).place(np.ones((1, 4))).tolist() == [[0, 0]]
    assert principal_plane(np.array([[1.0], [3.0]])).place(np.array([[1.0], [3.0]])).tolist() == [[-1, 0], [1, 0]]


def test_texts_are_brought_to_the_mean_of_the_images_and_keep_their_differences():
    images = np.array([[1.0, 0, 0], [0, 1, 0]])  # mean (.5, .5, 0)
    texts = np.array([[0.0, 0, 1], [0, 0, -1]])  # mean 0, so they move by (.5, .5, 0)
    found = beside(texts, images)
    np.testing.assert_allclose(found, np.array([[0.5, 0.5, 1], [0.5, 0.5, -1]]) / math.sqrt(1.5))
    assert beside(np.zeros((0, 3)), images).shape == (0, 3)


def test_nearest_leaves_the_point_itself_out_and_ends_where_the_points_end():
    angles = np.radians([0, 10, 40, 90])
    points = np.stack([np.cos(angles), np.sin(angles)], 1)
    order, cosines = nearest(points, 1, 2)
    assert order.tolist() == [0, 2]
    np.testing.assert_allclose(cosines, [math.cos(math.radians(10)), math.cos(math.radians(30))])
    assert len(nearest(points, 0, 9)[0]) == 3


@pytest.mark.parametrize("block", [1, 2, 100])
def test_share_whose_neighbour_is_of_the_same_class(block):
    angles = np.radians([0, 10, 30, 90])  # nearest: 1, 0, 1, 2
    points = np.stack([np.cos(angles), np.sin(angles)], 1)
    assert own_neighbour(points, np.array([0, 0, 1, 1]), block) == 0.75
    assert math.isnan(own_neighbour(points[:1], np.array([0])))
