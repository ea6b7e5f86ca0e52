"""Which classes, and which tasks, are taken for which."""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats, Ints


def class_confusion(labels: Ints, predicted: Ints, classes: int) -> Ints:
    """Number of images of class i (row) that were taken for class j (column), [C, C].

    Args:
        labels, predicted: [N], each 0..C-1.
    """
    pairs = np.asarray(labels, np.int64) * classes + predicted
    return np.bincount(pairs, minlength=classes * classes).reshape(classes, classes).astype(np.int64)


def confusion_across_tasks(confusion: Ints, task_of_class: Ints) -> Ints:
    """Class confusion [C, C] summed over the classes of each task, [T, T].

    Row: the task an image belongs to; column: the task of the class it was taken for. Off the diagonal are the mistakes
    a classifier that knows the task could not make.

    Args:
        task_of_class: [C] or longer, task of each class, ascending from 0.
    """
    owners = task_of_class[: len(confusion)]
    belongs = (owners[:, None] == np.arange(owners.max(initial=-1) + 1)).astype(np.int64)  # [C, T]
    return np.asarray(belongs.T @ confusion @ belongs, np.int64)


def shares(confusion: Ints) -> Floats:
    """Every row as shares of its sum, 0..1; NaN in rows without images."""
    totals = confusion.sum(1, keepdims=True)
    return np.asarray(np.where(totals > 0, confusion / np.maximum(totals, 1), np.nan), np.float64)


def most_confused(confusion: Ints, count: int) -> list[tuple[int, int, int]]:
    """The most frequent mistakes as (class, taken for, images), most frequent first, ties by index."""
    wrong = confusion * (1 - np.eye(len(confusion), dtype=np.int64))
    order = np.argsort(-wrong, axis=None, kind="stable")[:count]
    rows, columns = np.unravel_index(order, wrong.shape)
    found = zip(rows.tolist(), columns.tolist(), wrong[rows, columns].tolist(), strict=True)
    return [(i, j, n) for i, j, n in found if n > 0]
