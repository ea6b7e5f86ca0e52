"""The score of a class order by hand, and that the search for better ones only gets better."""

import itertools

import numpy as np
import pytest

from engine.data.order_ranking import OrderRanking


def ranking():
    """Three classes at right angles but for the last two, which are alike."""
    return OrderRanking.of(np.array([[1.0, 0, 0], [0, 1, 0], [0, 0.8, 0.6]]))


def test_distances_are_scaled_row_by_row_and_spreads_to_the_most_uneven_class():
    found = ranking()
    np.testing.assert_allclose(found.distances, [[0, 1, 1], [1, 0, 0.2], [1, 0.2, 0]])
    np.testing.assert_allclose(found.spreads, [0, 1, 1])


def test_the_score_by_hand():
    """0, 1, 2: 1 - 0; mirrored (1 - D[0, 2]) + (1 - D[1, 1]) + (1 - D[2, 0]) = 0 + 1 + 0; steps 1 + 0.2."""
    assert ranking().score((0, 1, 2)) == pytest.approx(1 + 1 + 1.2)
    assert ranking().score((1, 0, 2)) == pytest.approx(0 + (0.8 + 1 + 0.8) + 2)


def test_exchanges_reach_the_best_of_few_classes_and_never_lose():
    means = np.random.default_rng(0).normal(size=(5, 4))
    found = OrderRanking.of(means)
    scores = {order: found.score(order) for order in itertools.permutations(range(5))}
    reached = {order: scores[found.improved(order)] for order in scores}
    assert all(reached[order] >= scores[order] for order in scores)
    assert max(reached.values()) == max(scores.values())
    assert len({found.improved(order) for order in scores}) < 20


def test_sampled_orders_are_whole_repeatable_and_the_best_comes_first():
    found = OrderRanking.of(np.random.default_rng(1).normal(size=(6, 4)))
    orders = found.sampled(30, 7)
    assert orders == found.sampled(30, 7) != found.sampled(30, 8)
    assert all(sorted(order) == [*range(6)] for order in orders)
    assert [*map(found.score, orders)] == sorted(map(found.score, orders), reverse=True)


def test_equal_means_have_no_distance_and_no_spread():
    found = OrderRanking.of(np.ones((3, 2)))
    assert not found.distances.any() and not found.spreads.any() and found.score((0, 1, 2)) == pytest.approx(4)
