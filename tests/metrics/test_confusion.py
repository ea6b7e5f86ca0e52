"""Confusion of classes and tasks, by hand."""

import numpy as np

from engine.metrics.confusion import class_confusion, confusion_across_tasks, most_confused, shares

LABELS = np.array([0, 0, 1, 2, 2, 2])
PREDICTED = np.array([0, 1, 2, 2, 0, 0])
CONFUSION = [[1, 1, 0, 0], [0, 0, 1, 0], [2, 0, 1, 0], [0, 0, 0, 0]]


def test_rows_are_labels_and_columns_predictions():
    np.testing.assert_array_equal(class_confusion(LABELS, PREDICTED, 4), CONFUSION)


def test_across_tasks_sums_the_classes_of_each_task():
    task_of_class = np.array([0, 0, 1, 1, 2, 2])  # of all classes; only four are seen
    np.testing.assert_array_equal(confusion_across_tasks(np.array(CONFUSION), task_of_class), [[2, 1], [2, 1]])


def test_relabelling_permutes_the_matrix():
    swap = np.array([2, 0, 3, 1])
    moved = class_confusion(swap[LABELS], swap[PREDICTED], 4)
    np.testing.assert_array_equal(moved[np.ix_(swap, swap)], CONFUSION)


def test_shares_of_a_class_without_images_are_unknown():
    expected = [[0.5, 0.5, 0, 0], [0, 0, 1, 0], [2 / 3, 0, 1 / 3, 0], [np.nan] * 4]
    np.testing.assert_allclose(shares(np.array(CONFUSION)), expected)


def test_most_confused_leaves_out_what_is_right_and_what_never_happened():
    assert most_confused(np.array(CONFUSION), 2) == [(2, 0, 2), (0, 1, 1)]
    assert most_confused(np.array(CONFUSION), 99) == [(2, 0, 2), (0, 1, 1), (1, 2, 1)]
    assert most_confused(np.eye(3, dtype=np.int64), 5) == []
