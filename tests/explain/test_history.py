"""One concept through the tasks, on values worked out by hand."""

import numpy as np
import pytest

from engine.explain.history import (
    BROKE,
    Break,
    breaks,
    broken_by,
    lasting,
    series,
    strongest,
    turns,
    users,
    weights_over_time,
)

NAN = np.nan


def test_a_series_is_unknown_before_the_concept_was_learnt():
    rows = [np.array([0.9]), np.array([0.8, 0.7]), np.array([0.6, 0.5, 0.4])]
    np.testing.assert_array_equal(series(rows, 0), [0.9, 0.8, 0.6])
    np.testing.assert_array_equal(series(rows, 1), [NAN, 0.7, 0.5])
    np.testing.assert_array_equal(series(rows, 3), [NAN, NAN, NAN])


def test_the_task_of_the_largest_single_fall_broke_it():
    found = broken_by(np.array([0.95, 0.90, 0.70, 0.75, 0.60]))
    assert found == Break(2, 0.90, 0.70)
    assert found.fall == pytest.approx(0.20)


def test_of_equal_falls_the_first_counts():
    assert broken_by(np.array([0.9, 0.8, 0.7])).task == 1


@pytest.mark.parametrize("values", [[], [0.9], [0.5, 0.6, 0.7], [NAN, NAN], [0.9, NAN, 0.5], [0.9, 0.9 - BROKE + 1e-6]])
def test_nothing_broke_it(values):
    assert broken_by(np.array(values)) is None


def test_a_fall_of_exactly_the_limit_counts():
    assert broken_by(np.array([0.5, 0.25]), worth=0.25) == Break(1, 0.5, 0.25)


def test_what_a_later_task_made_good_does_not_last():
    rows = [np.array([0.9, 0.9, 0.9]), np.array([0.5, 0.7, 0.9]), np.array([0.89, 0.8, 0.9])]
    assert breaks(rows) == {0: Break(1, 0.9, 0.5), 1: Break(1, 0.9, 0.7)}
    assert lasting(rows) == {1: Break(1, 0.9, 0.7)}


def test_weights_over_time_know_when_class_and_concept_came():
    heads = [np.array([[1.0, 2.0]]), np.array([[3.0, 4.0, 5.0], [6.0, 7.0, 8.0]])]
    np.testing.assert_array_equal(weights_over_time(heads, 1), [[2.0, NAN], [4.0, 7.0]])
    np.testing.assert_array_equal(weights_over_time(heads, 2), [[NAN, NAN], [5.0, 8.0]])
    assert weights_over_time([], 0).shape == (0, 0)


def test_the_strongest_classes_are_those_that_ever_were():
    weights = np.array([[NAN, 0.1, -9.0, 0.0], [2.0, 0.2, 0.3, 0.0]])
    assert strongest(weights, 3).tolist() == [2, 0, 1]
    assert strongest(weights, 9).tolist() == [2, 0, 1]  # a weight that was always 0 is none
    assert strongest(np.zeros((0, 0)), 3).tolist() == []


def test_a_class_uses_what_weighs_a_tenth_of_its_largest():
    head = np.array([[1.0, -0.1, 0.09], [0.0, 0.0, 0.0], [1e-7, 5e-9, -2e-7]])
    assert users(head).tolist() == [[True, True, False], [False] * 3, [True, False, True]]
    assert users(np.zeros((2, 0))).shape == (2, 0)


def test_a_quarter_turn_is_one_and_about_face_is_two():
    rows = [None, np.array([1.0, 0.0]), np.array([0.0, 3.0]), np.array([0.0, -0.5]), np.array([0.0, -2.0])]
    np.testing.assert_allclose(turns(rows), [NAN, NAN, 1.0, 2.0, 0.0], atol=1e-12)
