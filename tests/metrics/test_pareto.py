import numpy as np

from engine.metrics.pareto import pareto_front


def test_a_point_that_another_beats_in_both_is_not_on_the_front():
    first, second = np.array([0.1, 0.5, 0.4, 0.9, 0.9]), np.array([0.9, 0.5, 0.4, 0.1, 0.05])
    assert pareto_front(first, second).tolist() == [True, True, False, True, False]


def test_equal_points_share_it_and_unknown_ones_have_no_part():
    first, second = np.array([0.5, 0.5, np.nan, 0.2]), np.array([0.5, 0.5, 1.0, np.nan])
    assert pareto_front(first, second).tolist() == [True, True, False, False]
