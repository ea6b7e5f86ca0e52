"""Class-incremental task streams: which classes and which images make up each task.

`B0-IncN` learns N classes a task; `Bm-IncN` learns m classes first, then N a task. The last task may be smaller.
Only indices are handed on. Validation images are carved out of the training set; nothing is ever selected on test.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.array_types import Ints
from engine.data.dataset import Dataset
from engine.errors import BadInput, BadParameter
from engine.rng import numpy_stream

TRAIN = "train"
"""Name of the only split that is learnt from; every other split is for testing."""
VAL = "val"
"""Name of the validation images; their rows count in the training split."""
_HIGHEST_VAL_FRACTION = 0.5
_SHOWN, _DIGITS, _ROW_DIGITS = 8, 5, 9
_WITHOUT = "without_images"


@dataclass(frozen=True, slots=True)
class Task:
    """One task: some new classes and their images.

    Attributes:
        id: index of the task, from 0.
        class_ids: the dataset's indices of the new classes, in the order learnt.
        train, val: ascending indices into `dataset.splits["train"]`, disjoint.
        tests: ascending indices into every other split, by the split's name.
    """

    id: int
    class_ids: tuple[int, ...]
    train: Ints
    val: Ints
    tests: Mapping[str, Ints]


@dataclass(frozen=True, slots=True)
class TaskStream:
    """All tasks, in order."""

    tasks: tuple[Task, ...]

    @property
    def class_order(self) -> tuple[int, ...]:
        """Dataset index of the class at each position in the order of learning."""
        return tuple(c for task in self.tasks for c in task.class_ids)

    @property
    def task_of_position(self) -> Ints:
        """Task of the class at each position in the order of learning, [C]."""
        return np.repeat(np.arange(len(self.tasks)), [len(task.class_ids) for task in self.tasks])

    def test_sizes(self, split: str) -> Ints:
        """Number of test images of each task, [T]."""
        return np.array([len(task.tests[split]) for task in self.tasks], np.int64)


def read_sizes(text: str) -> tuple[int, ...]:
    """Sizes of tasks by hand, out of "4,2,2,2"; none where the text is blank.

    Raises:
        BadParameter: a part is no whole number from 1.
    """
    parts = [part for part in re.split(r"[,;+\s]+", text) if part]
    bad = [part for part in parts if not (part.isascii() and part.isdigit() and 1 <= len(part.lstrip("0")) <= _DIGITS)]
    if bad:
        given = f"task sizes: {bad[0][:40]!r}"
        raise BadParameter(
            given, f"{bad[0][:40]} is no size: a size is a whole number from 1", "Write them like 4,2,2,2", "task_sizes"
        )
    return tuple(map(int, parts))


def read_rows(text: str) -> tuple[int, ...]:
    """Rows of a split, out of "17, 204", ascending; none where the text is blank.

    Raises:
        BadParameter: a part is no row, or one comes twice.
    """
    rows: set[int] = set()
    for part in filter(None, re.split(r"[,;\s]+", text)):
        is_row = part.isascii() and part.isdigit() and len(part) <= _ROW_DIGITS
        if not is_row or int(part) in rows:
            reason = "a row is a whole number from 0, named once"
            raise BadParameter(f"rows left out: {part[:40]!r}", reason, "Write them like 17, 204", _WITHOUT)
        rows.add(int(part))
    return tuple(sorted(rows))


def split_classes(
    order: tuple[int, ...], base: int, increment: int, sizes: Sequence[int] = ()
) -> tuple[tuple[int, ...], ...]:
    """Cut a class order into tasks.

    Args:
        base: classes of the first task; 0 means as many as in the others.
        increment: classes of each further task; the last may have fewer.
        sizes: classes of each task by hand, in place of both.

    Raises:
        BadParameter: the order has too few classes for these numbers, or the sizes do not add up to it.
    """
    classes = len(order)
    if sizes:
        check_sizes(sizes, classes)
        starts = [0, *itertools.accumulate(sizes)]
        return tuple(order[a:b] for a, b in itertools.pairwise(starts))
    if not 1 <= increment <= classes:
        raise BadParameter(f"increment = {increment}", _allowed(1, classes), "Learn fewer classes a task", "increment")
    if not 0 <= base <= classes:
        raise BadParameter(f"base = {base}", _allowed(0, classes), "Learn fewer classes in the first task", "base")
    first = base or increment
    starts = [0, *range(first, classes, increment), classes]
    return tuple(order[a:b] for a, b in itertools.pairwise(starts))


def check_sizes(sizes: Sequence[int], classes: int) -> None:
    """Sizes by hand add up to the classes that take part.

    Raises:
        BadParameter: they do not.
    """
    if sum(sizes) != classes:
        given = f"task sizes {', '.join(map(str, sizes[:_SHOWN]))}{', ...' if len(sizes) > _SHOWN else ''}"
        problem = f"they add up to {sum(sizes)}, and {classes} classes take part"
        raise BadParameter(given, problem, "Give every class a task", "task_sizes")


def make_stream(
    dataset: Dataset,
    *,
    base: int,
    increment: int,
    order: tuple[int, ...],
    val_fraction: float,
    seed: int,
    sizes: Sequence[int] = (),
    without: Sequence[int] = (),
) -> TaskStream:
    """Divide a dataset into tasks.

    Args:
        base, increment, sizes: see `split_classes`.
        order: distinct class indices in the order of learning; classes left out take no part.
        val_fraction: share of each class's training images kept for validation, 0..0.5. Above 0 every class with two
            images gives at least one, and every class keeps at least one to learn from.
        seed: decides which images are kept. What one class gives does not depend on the other classes, on those left
            out, or on the order.
        without: rows of the training split that take no part. They go after validation was carved out, so that all
            others stay what they are.

    Raises:
        BadParameter: a number is out of range, the order names no class or one twice, or a row that shall take no part
            is no training image of these classes, or its class's last.
        BadInput: a class has no training or test images.
    """
    if not 0 <= val_fraction <= _HIGHEST_VAL_FRACTION:
        raise BadParameter(
            f"val_fraction = {val_fraction}",
            f"must be from 0 to {_HIGHEST_VAL_FRACTION}",
            "Give an allowed value",
            "val_fraction",
        )
    _check_order(order, len(dataset.class_names))
    groups = split_classes(order, base, increment, sizes)
    tasks = tuple(_make_task(dataset, i, group, val_fraction, seed) for i, group in enumerate(groups))
    return TaskStream(_less(dataset, tasks, without) if without else tasks)


def _less(dataset: Dataset, tasks: Sequence[Task], without: Sequence[int]) -> tuple[Task, ...]:
    """The tasks without some training images."""
    labels, gone = dataset.splits[TRAIN].labels, np.asarray(without, np.int64)
    learnt = np.concatenate([task.train for task in tasks])
    for row in np.setdiff1d(gone, learnt).tolist():
        kept = any(row in task.val for task in tasks)
        reason = "it is kept for validation, and no model learns from it" if kept else "no class learnt has such a row"
        raise BadParameter(f"row {row}, left out", reason, "Name rows of training images", _WITHOUT)
    if len(bare := np.setdiff1d(labels[learnt], labels[np.setdiff1d(learnt, gone)])):
        name = dataset.class_names[int(bare[0])]
        reason = f"they are all that class {name!r} is learnt from"
        raise BadParameter("rows left out", reason, "Leave one in, or leave out the class", _WITHOUT)
    return tuple(replace(task, train=np.setdiff1d(task.train, gone)) for task in tasks)


def _check_order(order: tuple[int, ...], classes: int) -> None:
    bad = [i for i in order if not 0 <= i < classes]
    if bad:
        raise BadParameter(f"Class order: index {bad[0]}", _allowed(0, classes - 1), "Give indices of classes")
    if len(set(order)) != len(order):
        raise BadParameter("Class order", "a class comes more than once", "Name every class once")


def _make_task(dataset: Dataset, task: int, class_ids: tuple[int, ...], val_fraction: float, seed: int) -> Task:
    number = dataset.choice.kept if dataset.choice else range(len(dataset.class_names))
    parts = [_carve(_members(dataset, TRAIN, c), val_fraction, seed, number[c]) for c in class_ids]
    tests = {
        name: np.sort(np.concatenate([_members(dataset, name, c) for c in class_ids]))
        for name in dataset.splits
        if name != TRAIN
    }
    train, val = (np.sort(np.concatenate(arrays)) for arrays in zip(*parts, strict=True))
    return Task(task, class_ids, train, val, tests)


def _members(dataset: Dataset, split: str, class_id: int) -> Ints:
    found: Ints = np.flatnonzero(dataset.splits[split].labels == class_id).astype(np.int64)
    if len(found) == 0:
        name = dataset.class_names[class_id]
        raise BadInput(
            f"Class {name!r} of {dataset.name}", f"it has no images in {split!r}", "Add some, or leave it out"
        )
    return found


def _carve(members: Ints, val_fraction: float, seed: int, number: int) -> tuple[Ints, Ints]:
    """Divide the training images [n] of a class, the data's own number of which is known, into (train, val)."""
    wanted = max(1, round(val_fraction * len(members))) if val_fraction > 0 else 0
    kept = min(wanted, len(members) - 1)
    shuffled = numpy_stream(seed, "validation", number).permutation(members)
    return shuffled[kept:], shuffled[:kept]


def _allowed(low: int, high: int) -> str:
    return f"must be a whole number from {low} to {high}"
