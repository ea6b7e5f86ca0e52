"""What was measured after each task, out of an archive's files: all of it, and each of the form it must have."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from engine.archive import layout
from engine.archive.foreign import refused
from engine.records.arrays import Array, unpack
from engine.records.events import RunStarted
from engine.records.forms import Known
from engine.records.forms import check as check_forms
from engine.records.measurements import ALWAYS, MOST_CONCEPTS, OF_CONCEPTS, OF_MODEL, OUTCOMES, forms
from engine.structures import Malformed

Measured = Mapping[tuple[int, str, str], Array]
"""Arrays by task, split and name; the split is empty for what belongs to the model."""


def arrays(files: Mapping[str, bytes]) -> dict[tuple[int, str, str], Array]:
    """Every array under `metrics/`.

    Raises:
        BadInput: one is none, or lies in an unusual place.
    """
    found = {}
    for name in files:
        if name.startswith("metrics/"):
            where = layout.metric_parts(name)
            if layout.metric(*where) != name:
                raise refused(name, "its task is written in an unusual way")
            found[where] = array(files[name], name)
    return found


def array(data: bytes, where: str) -> Array:
    """One array.

    Raises:
        BadInput: it is none.
    """
    try:
        return unpack(data)
    except ValueError as error:
        raise refused(where, str(error)) from error


def check(found: Measured, setup: RunStarted, done: int) -> tuple[tuple[str, ...], ...]:
    """Check every array against what its task must have; the concepts' texts after each task, where there are any.

    Args:
        done: finished tasks.

    Raises:
        BadInput: one is missing, or does not fit.
    """
    for task, split, name in found:
        where = layout.metric(task, split, name)
        if task >= done or split not in ("", *setup.splits) or name not in forms(split):
            raise refused(where, "no such thing is measured in this run")
    texts = tuple(_of_task(found, setup, task) for task in range(done))
    return texts if setup.learns_concepts else ()


def _of_task(found: Measured, setup: RunStarted, task: int) -> tuple[str, ...]:
    needed = [("", "nec"), *((split, name) for split in setup.splits for name in ALWAYS)]
    if setup.learns_concepts:
        needed += [("", name) for name in OF_MODEL]
        needed += [(split, name) for split in setup.splits for name in OF_CONCEPTS]
    for split, name in needed:
        if (task, split, name) not in found:
            raise refused(layout.metric(task, split, name), "it is missing")
    texts = found[task, "", "text"] if setup.learns_concepts else None
    if texts is not None and texts.size > MOST_CONCEPTS:
        raise refused(layout.metric(task, "", "text"), f"it holds more than {MOST_CONCEPTS} concepts")
    seen = sum(len(ids) for ids in setup.task_classes[: task + 1])
    sizes = {"t": task + 1, "C": seen, "K": 0 if texts is None else texts.size, "classes": len(setup.class_names)}
    sizes["new"] = len(setup.task_classes[task])
    for (at, split, name), one in found.items():
        if at == task:
            counts = setup.test_sizes.get(split, ())
            images = {"images": sum(counts), "N": sum(counts[: task + 1])} if split else {}
            _check_form(name, one, Known({**sizes, **images}), layout.metric(task, split, name), split)
    for split in setup.splits:
        _check_outcomes(found, task, split)
    return () if texts is None else tuple(map(str, texts))


def _check_outcomes(found: Measured, task: int, split: str) -> None:
    """Check that outcomes of single images, where a run has them, are all there and what the confusion counts."""
    there = [name for name in OUTCOMES if (task, split, name) in found]
    if not there:
        return
    if lost := [name for name in OUTCOMES if name not in there]:
        raise refused(layout.metric(task, split, lost[0]), "it is missing")
    confusion = found[task, split, "confusion"]
    pairs = tuple(found[task, split, name].astype(np.int64) for name in ("label", "predicted"))
    counted = np.zeros_like(confusion)
    np.add.at(counted, pairs, 1)
    if not np.array_equal(counted, confusion):
        raise refused(layout.metric(task, split, "predicted"), "it is not what the confusion counts")


def _check_form(name: str, one: Array, known: Known, where: str, split: str) -> None:
    try:
        check_forms({name: one}, {name: forms(split)[name]}, known)
    except Malformed as error:
        raise refused(where, str(error)) from error
