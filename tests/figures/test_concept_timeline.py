"""One concept's charts: the numbers drawn, the break marked, names that stay text."""

import json

import numpy as np
import pytest

from engine.explain.history import Break
from engine.figures import timeline as fig

NAN = np.nan


def traces(figure):
    return {t["name"]: t for t in json.loads(figure.to_json())["data"] if "name" in t}


def test_lines_hold_what_is_known_and_the_break_its_two_ends():
    auc, accuracy = np.array([NAN, 0.9, 0.7]), np.array([NAN, 0.8, 0.75])
    figure = fig.value_lines(auc, accuracy, Break(2, 0.9, 0.7), moment=1)
    found = traces(figure)
    assert list(figure.data[0].x) == [2, 3] and list(figure.data[0].y) == [0.9, 0.7]
    assert (list(figure.data[2].x), list(figure.data[2].y)) == ([2, 3], [0.9, 0.7])
    assert set(found) == {"AUC", "accuracy", "break"}
    assert "−20" in figure.layout.annotations[1].text and "task 3" in figure.layout.annotations[1].text


def test_without_a_break_nothing_is_marked():
    assert set(traces(fig.value_lines(np.array([0.9, 0.9]), np.array([NAN, NAN]), None, 0))) == {"AUC"}


@pytest.mark.parametrize(("lowest", "low"), [(0.6, 0.4), (0.45, 0.0)])
def test_the_axis_starts_below_guessing_or_at_zero(lowest, low):
    figure = fig.value_lines(np.array([0.9, lowest]), np.array([0.9, 0.8]), None, 0)
    assert figure.layout.yaxis.range[0] == low


def test_the_task_that_broke_it_stands_out_among_the_turns():
    figure = fig.turn_bars(np.array([NAN, 0.1, 0.3]), np.array([0.0, 0.1, 0.35]), 2, Break(2, 0.9, 0.8))
    assert list(figure.data[0].y) == [0.1, 0.3]
    assert figure.data[0].marker.color[0] != figure.data[0].marker.color[1] == fig.DROP


def test_the_matrix_has_a_row_a_class_and_a_point_where_something_is_known():
    weights = np.array([[1.0, NAN], [-0.5, 0.001]])
    figure = fig.weight_matrix(weights, ["a <b>bird</b>", "b"], moment=1)
    np.testing.assert_array_equal(figure.data[0].z, [[1.0, -0.5], [NAN, 0.001]])
    assert figure.data[0].zmin == -figure.data[0].zmax
    points = list(zip(figure.data[1].x, figure.data[1].y, strict=True))
    assert points == [(0, 0), (1, 0), (1, 1)]
    assert [a.text for a in figure.layout.annotations] == ["+1.00", "−0.50", ""]
    assert "<b>" not in figure.to_json()
    assert fig.weights_table(weights, ["a", "b"]) == {
        "class": ["a", "b"],
        "after task 1": [1.0, None],
        "after task 2": [-0.5, 0.001],
    }


def test_one_outlier_does_not_bleach_the_rest():
    weights = np.concatenate([np.full(199, 0.5), [50.0]])[None]
    assert fig.bound(weights) < 1.0
    assert fig.bound(np.full((2, 2), NAN)) == 1.0 and fig.bound(np.zeros((2, 2))) == 1.0


def test_the_table_is_the_twin_of_both_charts():
    table = fig.values_table(np.array([NAN, 0.9]), np.array([NAN, 0.8]), np.array([NAN, 0.0]), np.array([NAN, NAN]))
    assert table == {
        "after task": [1, 2],
        "AUC": [None, 0.9],
        "accuracy": [None, 0.8],
        "turned at this task": [None, None],
        "turned since it was learnt": [None, 0.0],
    }


@pytest.mark.parametrize(("value", "text"), [(0.914, "+0.91"), (-0.5, "−0.50"), (0.004, "0"), (-0.004, "0")])
def test_signs(value, text):
    assert fig.signed(value) == text
