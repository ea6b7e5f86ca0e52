"""Where values lie on an axis, and what its ticks are called."""

from __future__ import annotations

import numpy as np
import pytest

from engine.drawing.axes import axis, nice


@pytest.mark.parametrize(
    ("asked", "step"), [(0.7, 1.0), (1.0, 1.0), (1.1, 2.0), (23.0, 50.0), (0.03, 0.05), (0.0, 1.0)]
)
def test_a_step_is_one_two_or_five_times_a_power_of_ten(asked, step):
    assert nice(asked) == pytest.approx(step)


def test_numbers_lie_in_proportion_and_a_turned_range_turns_them():
    along = axis({"range": [0, 4]}, [])
    assert along.share(along.units([0, 1, 4])).tolist() == [0, 0.25, 1]
    turned = axis({"range": [4, 0]}, [])
    assert turned.share(turned.units([1])).tolist() == [0.75]
    assert [words for _, words in along.ticks(300, 70)] == ["0", "1", "2", "3", "4"]
    assert [at for at, _ in turned.ticks(300, 70)] == [1, 0.75, 0.5, 0.25, 0]


def test_without_a_range_values_have_room_on_both_sides_but_not_below_a_bars_foot():
    assert (axis({}, [[0.0, 10.0]]).low, axis({}, [[0.0, 10.0]]).high) == (-0.5, 10.5)
    assert axis({}, [[0.0, 10.0]], [0.0]).low == 0.0
    assert (axis({}, [[]]).low, axis({}, [[]]).high) == (0, 1)


def test_names_are_places_in_the_order_in_which_they_come():
    along = axis({}, [["b", "a"], ["c", "b"]])
    assert along.names == ("b", "a", "c") and (along.low, along.high) == (-0.5, 2.5)
    assert along.units(["c", "b"]).tolist() == [2, 0] and np.isnan(along.units(["z", None])).all()
    assert along.ticks(300, 70) == [(pytest.approx(1 / 6), "b"), (0.5, "a"), (pytest.approx(5 / 6), "c")]


def test_a_logarithmic_axis_has_its_range_in_powers_and_leaves_out_what_has_none():
    along = axis({"type": "log", "range": [0, 3]}, [])
    assert along.share(along.units([1, 10, 1000])).tolist() == pytest.approx([0, 1 / 3, 1])
    assert np.isnan(along.units([0, -1])).all()
    assert [words for _, words in along.ticks(300, 70)] == ["1", "10", "100", "1,000"]


def test_ticks_say_what_the_figure_says():
    given = axis({"range": [0, 2], "tickvals": [0, 1, 5], "ticktext": ["clean", "one", "out"]}, [])
    assert given.ticks(300, 70) == [(0, "clean"), (0.5, "one")]
    assert [words for _, words in axis({"range": [0, 1], "dtick": 0.5, "tickformat": ".0%"}, []).ticks(9, 9)] == [
        "0%",
        "50%",
        "100%",
    ]
    assert [words for _, words in axis({"range": [-1, 0], "dtick": 0.5}, []).ticks(90, 9)] == ["−1.0", "−0.5", "0.0"]
    assert axis({"range": [0, 1], "showticklabels": False}, []).ticks(90, 9) == []
