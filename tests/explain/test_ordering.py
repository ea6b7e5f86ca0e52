"""Alike rows lie side by side, whatever order they came in."""

import numpy as np
import pytest

from engine.explain.ordering import clustered, cosine_distances, joined


def test_two_blocks_come_apart():
    rows = np.array([[1.0, 0], [0, 1], [1, 0.1], [0.1, 1]])
    order = clustered(rows).tolist()
    assert {frozenset(order[:2]), frozenset(order[2:])} == {frozenset({0, 2}), frozenset({1, 3})}


@pytest.mark.parametrize("seed", range(5))
def test_points_on_an_arc_are_walked_along(seed):
    angles = np.linspace(0, np.pi / 2, 17)
    mixed = np.random.default_rng(seed).permutation(17)
    rows = np.stack([np.cos(angles[mixed]), np.sin(angles[mixed])], 1)
    found = clustered(rows)
    steps = np.abs(np.diff(mixed[found]))
    assert sorted(found.tolist()) == list(range(17))
    assert steps.sum() <= 20  # 16 is the walk without any jump


def test_length_does_not_matter_and_zeros_are_allowed():
    rows = np.array([[1.0, 0], [0, 0], [0, 5], [7, 0.01], [0, 1]])
    order = clustered(rows).tolist()
    assert abs(order.index(0) - order.index(3)) == abs(order.index(2) - order.index(4)) == 1


def test_distances_by_hand():
    found = cosine_distances(np.array([[1.0, 0], [0, 2], [-3, 0]]))
    np.testing.assert_allclose(found, [[0, 1, 2], [1, 0, 1], [2, 1, 0]], atol=1e-9)


def test_chains_are_turned_so_that_the_closest_ends_meet():
    place = np.array([0.0, 3.0, 4.0, 9.0])
    near = np.abs(place[:, None] - place)
    assert joined([1, 0], [3, 2], near) == [0, 1, 2, 3]


@pytest.mark.parametrize("count", [0, 1, 2])
def test_few_rows_stay_as_they_are(count):
    assert clustered(np.ones((count, 3))).tolist() == list(range(count))
