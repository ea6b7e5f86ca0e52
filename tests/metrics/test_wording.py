"""One wording for shares, differences and losses."""

import numpy as np
import pytest

from engine.metrics import wording
from engine.metrics.accuracy import drops


@pytest.mark.parametrize(
    ("share", "digits", "words"),
    [
        (0.842, 0, "84 %"),
        (0.842, 1, "84.2 %"),
        (1.0, 0, "100 %"),
        (0.998, 0, "99.8 %"),
        (0.002, 0, "0.2 %"),
        (0, 0, "0 %"),
        (0.0001, 0, "under 0.1 %"),
        (0.99996, 1, "over 99.9 %"),
    ],
)
def test_a_share_is_never_rounded_to_all_or_nothing(share, digits, words):
    assert wording.percent(share, digits) == words


@pytest.mark.parametrize(
    ("share", "words"),
    [(0.42, "42 %"), (0.9999, "over 99 %"), (1.0, "over 99 %"), (0.023, "2.3 %"), (0.0, "under 0.1 %")],
)
def test_no_model_is_written_to_be_certain(share, words):
    assert wording.certainty(share) == words


@pytest.mark.parametrize(
    ("difference", "digits", "words"),
    [(0.17, None, "17 points"), (-0.004, None, "0.4 points"), (0.01, None, "1 point"), (0.0523, 1, "5.2 points")],
)
def test_a_difference_is_points(difference, digits, words):
    assert wording.points(difference, digits) == words


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("last_accuracy", 0.775, "77.5 %"),
        ("ece", 0.15, "15.0 points"),
        ("forgetting", 0.041, "4.1 points"),
        ("backward_transfer", -0.041, "\N{MINUS SIGN}4.1 points"),
        ("forward_transfer", 0.2, "+20.0 points"),
        ("ece", None, "not known"),
    ],
)
def test_every_number_of_a_run_has_one_unit(name, value, words):
    assert wording.shown(name, value) == words


def test_columns_name_the_unit_and_nothing_else_has_one():
    assert wording.column("ece") == "Calibration error (ECE), points" and wording.column("last_accuracy").endswith(
        ", %"
    )
    assert wording.in_unit("ece", 0.15) == 15 and np.isnan(wording.in_unit("ece", None))
    with pytest.raises(KeyError):
        wording.in_unit("nonsense", 1.0)


NAN = np.nan
FELL = [[0.9, NAN, NAN], [0.88, 0.8, NAN], [0.7, 0.8, 0.9]]


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (FELL, "Task 1 lost 20 points, 18 of them when task 3 was learnt"),
        ([[0.9, NAN], [0.72, 0.8]], "Task 1 lost 18 points, when task 2 was learnt"),
        ([[0.9, NAN, NAN], [0.6, 0.8, NAN], [0.75, 0.8, 0.9]], "Task 1 lost 15 points, when task 2 was learnt"),
        ([[0.9, NAN], [0.89, 0.8]], "Task 1 lost 1 point, when task 2 was learnt"),
        ([[0.9, NAN], [0.9, 0.8]], "No task has lost a point"),
    ],
)
def test_a_loss_says_which_task_how_much_and_when(rows, words):
    assert wording.loss(drops(np.array(rows))[0]) == words


def test_before_the_second_task_nothing_can_be_forgotten():
    assert wording.loss(None) == "Nothing can be forgotten before the second task"
