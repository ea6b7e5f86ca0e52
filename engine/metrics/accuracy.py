"""Accuracy of a growing classifier: per task, over time, and what was lost.

The accuracy matrix a[t, k] holds the accuracy, 0..1, on the test images of task k after learning task t; NaN where task
k was not learnt yet (above the diagonal) and in the rows of tasks still to come. Rows and columns count from 0 here and
from 1 on screen. Labels are positions in the order in which classes are learnt.

Sources: Lopez-Paz & Ranzato 2017 (transfer), Chaudhry et al. 2018 (forgetting), Rebuffi et al. 2017 (average
incremental accuracy). Four papers mean three different things by "forgetting": all three are here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats, Ints

NAN = float("nan")


# -- from logits -------------------------------------------------------------------------------------------------------


def predict(logits: Floats, labels: Ints, task_of_class: Ints, *, task_known: bool) -> Ints:
    """Predicted class of each image, [N].

    Args:
        logits: [N, C_seen].
        labels: [N], true classes; used only to know the task when `task_known`.
        task_of_class: [C_seen] or longer, task of each class.
        task_known: whether the choice is among the classes of the image's own task (task-IL) or all seen (class-IL).
    """
    if not task_known:
        return np.asarray(logits.argmax(1), np.int64)
    owners = task_of_class[: logits.shape[1]]
    allowed = owners[None, :] == task_of_class[labels][:, None]  # [N, C_seen]
    return np.asarray(np.where(allowed, logits, -np.inf).argmax(1), np.int64)


def accuracy_by_task(predicted: Ints, labels: Ints, task_of_class: Ints, tasks: int) -> Floats:
    """Accuracy on the images of each of the first `tasks` tasks, [tasks]; NaN for a task without images.

    Args:
        predicted, labels: [N].
        task_of_class: [C], task of each class.
    """
    owners = task_of_class[labels]
    right = np.bincount(owners[predicted == labels], minlength=tasks)[:tasks]
    return _divide(right, np.bincount(owners, minlength=tasks)[:tasks])


def class_il(logits: Floats, labels: Ints, task_of_class: Ints) -> Floats:
    """Class-incremental accuracy by task, [T_seen]: the choice is among all classes seen. See `predict`."""
    tasks = int(task_of_class[logits.shape[1] - 1]) + 1
    return accuracy_by_task(predict(logits, labels, task_of_class, task_known=False), labels, task_of_class, tasks)


def task_il(logits: Floats, labels: Ints, task_of_class: Ints) -> Floats:
    """Task-incremental accuracy by task, [T_seen]: the choice is among the classes of the image's own task."""
    tasks = int(task_of_class[logits.shape[1] - 1]) + 1
    return accuracy_by_task(predict(logits, labels, task_of_class, task_known=True), labels, task_of_class, tasks)


# -- the matrix --------------------------------------------------------------------------------------------------------


def accuracy_matrix(rows: Sequence[Sequence[float] | Floats], tasks: int | None = None) -> Floats:
    """The matrix [T, T] from its rows; row t gives tasks 0..t. Everything else is NaN.

    Args:
        tasks: T, where not all rows are known yet.
    """
    size = len(rows) if tasks is None else tasks
    matrix = np.full((size, size), NAN)
    for t, row in enumerate(rows):
        matrix[t, : t + 1] = row[: t + 1]
    return matrix


def finished(a: Floats) -> Floats:
    """The square part of a matrix that has been measured: tasks up to the last one learnt, [t, t]."""
    done = int((~np.isnan(np.diagonal(a))).sum())
    return np.asarray(a[:done, :done], np.float64)


# -- accuracy over time ------------------------------------------------------------------------------------------------


def until(a: Floats, moment: int) -> Floats:
    """The accuracy matrix as it stood after task `moment`: later rows were not known yet."""
    early = np.array(a, np.float64)
    early[moment + 1 :] = NAN
    return early


def accuracy_over_seen(a: Floats, test_sizes: Ints | None = None) -> Floats:
    """Accuracy over all classes seen, after each finished task, [t].

    Args:
        test_sizes: [T], number of test images of each task, by which tasks are weighted; all alike if not given.
    """
    a = finished(a)
    sizes = _sizes(test_sizes, len(a))
    return np.array([over_images(row[: t + 1], sizes[: t + 1]) for t, row in enumerate(a)])


def over_images(row: Floats, sizes: Floats | Ints | Sequence[int]) -> float:
    """Accuracy over all images of some tasks, 0..1.

    Args:
        row, sizes: accuracy and number of images of each of the tasks.
    """
    return float(np.average(row, weights=sizes))


def last_accuracy(a: Floats, test_sizes: Ints | None = None) -> float:
    """Accuracy over all classes seen after the last finished task; NaN if there is none."""
    over_time = accuracy_over_seen(a, test_sizes)
    return float(over_time[-1]) if len(over_time) else NAN


def average_incremental_accuracy(a: Floats, test_sizes: Ints | None = None) -> float:
    """Mean over tasks of the accuracy over all classes seen so far; NaN if no task is finished."""
    return _mean(accuracy_over_seen(a, test_sizes))


def mean_last_row(a: Floats) -> float:
    """Mean over tasks of the accuracy after the last task: every task counts alike, whatever its size."""
    a = finished(a)
    return _mean(a[-1]) if len(a) else NAN


# -- forgetting and transfer -------------------------------------------------------------------------------------------


def forgetting_by_task(a: Floats) -> Floats:
    """Best accuracy before the last task minus accuracy after it, for every task but the last, [t-1].

    Negative where the last task helped. This is `forgetting` before the mean.
    """
    a = finished(a)
    if len(a) < 2:
        return np.zeros(0)
    return np.asarray(_best(a[:-1, :-1]) - a[-1, :-1], np.float64)


def forgetting(a: Floats) -> float:
    """Mean of `forgetting_by_task` (Chaudhry et al. 2018). Lower is better; NaN with fewer than two tasks."""
    return _mean(forgetting_by_task(a))


def forgetting_max_including_last(a: Floats) -> float:
    """Mean of best accuracy ever minus last accuracy: Mammoth's and PILOT's. Never negative."""
    a = finished(a)
    return _mean(_best(a[:, :-1]) - a[-1, :-1]) if len(a) > 1 else NAN


def forgetting_first_minus_last(a: Floats) -> float:
    """Mean of the accuracy just after learning a task minus the accuracy after the last: Avalanche's."""
    return -backward_transfer(a)


def backward_transfer(a: Floats) -> float:
    """Mean over tasks of accuracy after the last task minus just after learning it. Higher is better."""
    a = finished(a)
    return _mean(a[-1, :-1] - np.diagonal(a)[:-1]) if len(a) > 1 else NAN


def forward_transfer(a_full: Floats, zero_shot: Floats) -> float:
    """How much what was learnt before helps a task not learnt yet, against zero-shot CLIP. Higher is better.

    Args:
        a_full: [T, T] with a_full[k-1, k], the accuracy on task k just before learning it, filled in.
        zero_shot: [T], zero-shot accuracy on each task.
    """
    before = np.diagonal(a_full, offset=1)  # [T-1]
    gain = before - np.asarray(zero_shot)[1 : len(before) + 1]
    return _mean(gain[~np.isnan(gain)])


def old_and_new(a: Floats, test_sizes: Ints | None = None) -> tuple[Floats, Floats]:
    """Accuracy on the tasks before and on the task just learnt, after each finished task: (old [t], new [t]).

    The first entry of `old` is NaN: nothing is old yet.
    """
    a = finished(a)
    sizes = _sizes(test_sizes, len(a))
    old = [np.average(a[t, :t], weights=sizes[:t]) if t else NAN for t in range(len(a))]
    return np.array(old, np.float64), np.array(np.diagonal(a))


# -- words -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TaskDrop:
    """What became of one task, in the terms of a sentence like "task 1 lost 18 points after task 4".

    Attributes:
        task: the task in question, from 0.
        best, best_after: its highest accuracy, and after which task it was reached (the earliest).
        final: its accuracy after the last finished task.
        drop: best minus final, 0..1; 0 for a task that is at its best.
        worst_step: the largest fall from one task to the next, 0..1; 0 where it never fell.
        worst_after: the task after which that fall was seen (the earliest), or None where it never fell.
    """

    task: int
    best: float
    best_after: int
    final: float
    drop: float
    worst_step: float
    worst_after: int | None


def drops(a: Floats) -> tuple[TaskDrop, ...]:
    """One `TaskDrop` for every finished task."""
    a = finished(a)
    return tuple(_drop(a[k:, k], k) for k in range(len(a)))


def _drop(history: Floats, task: int) -> TaskDrop:
    best = int(history.argmax())
    falls = -np.diff(history)
    worst = int(falls.argmax()) if len(falls) else 0
    fell = len(falls) > 0 and falls[worst] > 0
    return TaskDrop(
        task=task,
        best=float(history[best]),
        best_after=task + best,
        final=float(history[-1]),
        drop=float(history[best] - history[-1]),
        worst_step=float(falls[worst]) if fell else 0.0,
        worst_after=task + worst + 1 if fell else None,
    )


# -- helpers -----------------------------------------------------------------------------------------------------------


def _best(a: Floats) -> Floats:
    """Highest entry of each column, not counting NaN."""
    return np.asarray(np.where(np.isnan(a), -np.inf, a).max(0), np.float64)


def _sizes(test_sizes: Ints | None, tasks: int) -> Floats:
    return np.ones(tasks) if test_sizes is None else np.asarray(test_sizes[:tasks], np.float64)


def _mean(values: Floats) -> float:
    return float(np.mean(values)) if len(values) else NAN


def _divide(part: Ints, whole: Ints) -> Floats:
    return np.asarray(np.where(whole > 0, part / np.maximum(whole, 1), NAN), np.float64)
