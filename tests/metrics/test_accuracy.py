"""Accuracy metrics against numbers worked out by hand."""

import numpy as np
import pytest

from engine.metrics import accuracy as acc

A = acc.accuracy_matrix([[0.5], [0.8, 0.8], [0.9, 0.5, 0.95]])
SIZES = np.array([10, 20, 10])
NAN = float("nan")

# five images of five classes in two tasks (0 1 | 2 3 4)
TASK_OF_CLASS = np.array([0, 0, 1, 1, 1])
LABELS = np.array([0, 1, 2, 3, 4])
LOGITS = np.array(
    [
        [5.0, 1, 0, 0, 0],  # right
        [3.0, 2, 9, 0, 0],  # class 2; within its task class 0
        [9.0, 0, 8, 1, 1],  # class 0; within its task right
        [0.0, 0, 0, 7, 1],  # right
        [0.0, 0, 0, 6, 1],  # class 3
    ]
)


def test_matrix_has_nan_above_the_diagonal_and_in_rows_to_come():
    expected = [[0.5, NAN, NAN, NAN], [0.8, 0.8, NAN, NAN], [NAN] * 4, [NAN] * 4]
    np.testing.assert_array_equal(acc.accuracy_matrix([[0.5], [0.8, 0.8]], tasks=4), expected)


def test_class_il_chooses_among_all_seen_classes():
    np.testing.assert_array_equal(acc.predict(LOGITS, LABELS, TASK_OF_CLASS, task_known=False), [0, 2, 0, 3, 3])
    np.testing.assert_allclose(acc.class_il(LOGITS, LABELS, TASK_OF_CLASS), [1 / 2, 1 / 3])


def test_task_il_chooses_within_the_task():
    np.testing.assert_array_equal(acc.predict(LOGITS, LABELS, TASK_OF_CLASS, task_known=True), [0, 0, 2, 3, 3])
    np.testing.assert_allclose(acc.task_il(LOGITS, LABELS, TASK_OF_CLASS), [1 / 2, 2 / 3])


def test_tasks_not_learnt_yet_are_not_in_the_row():
    first = acc.class_il(LOGITS[:2, :2], LABELS[:2], TASK_OF_CLASS)
    np.testing.assert_allclose(first, [1 / 2])


def test_relabelling_the_classes_within_tasks_changes_nothing():
    swap = np.array([1, 0, 4, 2, 3])  # old class -> new class
    moved = np.empty_like(LOGITS)
    moved[:, swap] = LOGITS
    for setting in (acc.class_il, acc.task_il):
        np.testing.assert_allclose(setting(moved, swap[LABELS], TASK_OF_CLASS), setting(LOGITS, LABELS, TASK_OF_CLASS))


def test_a_task_without_images_has_no_accuracy():
    np.testing.assert_array_equal(acc.accuracy_by_task(LABELS[:2], LABELS[:2], TASK_OF_CLASS, 2), [1, NAN])


def test_last_accuracy_weighs_tasks_by_their_test_images():
    assert acc.last_accuracy(A, SIZES) == pytest.approx((9 + 10 + 9.5) / 40)
    assert acc.last_accuracy(A) == acc.mean_last_row(A) == pytest.approx((0.9 + 0.5 + 0.95) / 3)


def test_accuracy_over_seen_and_its_mean():
    np.testing.assert_allclose(acc.accuracy_over_seen(A, SIZES), [0.5, 0.8, 28.5 / 40])
    assert acc.average_incremental_accuracy(A, SIZES) == pytest.approx((0.5 + 0.8 + 0.7125) / 3)


def test_the_three_forgettings_and_backward_transfer():
    np.testing.assert_allclose(acc.forgetting_by_task(A), [-0.1, 0.3])
    assert acc.forgetting(A) == pytest.approx(0.10)
    assert acc.forgetting_max_including_last(A) == pytest.approx(0.15)
    assert acc.forgetting_first_minus_last(A) == pytest.approx(-0.05)
    assert acc.backward_transfer(A) == pytest.approx(0.05)


def test_forgetting_looks_back_to_the_best_not_to_the_first():
    a = acc.accuracy_matrix([[0.5], [0.9, 0.4], [0.6, 0.4, 0.7]])
    assert acc.forgetting(a) == pytest.approx((0.3 + 0.0) / 2)
    assert acc.forgetting_first_minus_last(a) == pytest.approx((-0.1 + 0.0) / 2)


def test_forward_transfer_is_measured_against_zero_shot():
    full = np.array([[0.5, 0.3, 0.2], [0.8, 0.8, 0.6], [0.9, 0.5, 0.95]])
    assert acc.forward_transfer(full, np.array([0.9, 0.2, 0.5])) == pytest.approx((0.1 + 0.1) / 2)


def test_old_and_new():
    old, new = acc.old_and_new(A, SIZES)
    np.testing.assert_allclose(old, [NAN, 0.8, (0.9 * 10 + 0.5 * 20) / 30])
    np.testing.assert_allclose(new, [0.5, 0.8, 0.95])


@pytest.mark.parametrize("name", ["last_accuracy", "average_incremental_accuracy", "mean_last_row", "forgetting"])
def test_an_unfinished_run_is_judged_by_its_finished_tasks(name):
    unfinished = acc.accuracy_matrix([[0.5], [0.8, 0.8], [0.9, 0.5, 0.95]], tasks=8)
    assert getattr(acc, name)(unfinished) == getattr(acc, name)(A)


@pytest.mark.parametrize(
    "function",
    [
        acc.forgetting,
        acc.forgetting_max_including_last,
        acc.forgetting_first_minus_last,
        acc.backward_transfer,
    ],
)
def test_one_task_cannot_be_forgotten_yet(function):
    assert np.isnan(function(acc.accuracy_matrix([[0.5]])))


def test_before_the_first_task_there_is_no_number():
    nothing = acc.accuracy_matrix([], tasks=3)
    assert np.isnan(acc.last_accuracy(nothing)) and np.isnan(acc.average_incremental_accuracy(nothing))
    assert acc.drops(nothing) == () and len(acc.forgetting_by_task(nothing)) == 0


def test_drops_say_what_was_lost_and_when():
    a = acc.accuracy_matrix([[0.9], [0.95, 0.8], [0.7, 0.8, 0.6], [0.75, 0.5, 0.6, 0.9]])
    first, second, third, fourth = acc.drops(a)
    assert (first.task, first.best, first.best_after, first.final) == (0, 0.95, 1, 0.75)
    assert first.drop == pytest.approx(0.2)
    assert (first.worst_after, first.worst_step) == (2, pytest.approx(0.25))
    assert (second.best_after, second.worst_after, second.drop) == (1, 3, pytest.approx(0.3))
    assert (third.drop, third.worst_after, third.worst_step) == (0, None, 0)
    assert (fourth.best_after, fourth.final, fourth.worst_after) == (3, 0.9, None)
