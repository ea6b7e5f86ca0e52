"""What was measured after each task, out of an archive's files: all of it, and each of the shape it must have."""

from __future__ import annotations

from collections.abc import Mapping

from engine.archive import layout
from engine.archive.arrays import ALWAYS, OF_MODEL, OF_SPLIT, Array, check_form, checked
from engine.archive.fields import refused
from engine.metrics.calibration import BINS
from engine.runs.events import RunStarted

Measured = Mapping[tuple[int, str, str], Array]
"""Arrays by task, split and name; the split is empty for what belongs to the model."""
_MOST_CONCEPTS = 100_000
"""More than any model has; each becomes a text of its own in memory."""


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
            found[where] = checked(files[name], name)
    return found


def check(found: Measured, setup: RunStarted, done: int) -> tuple[tuple[str, ...], ...]:
    """Check every array against what its task must have; the concepts' texts after each task.

    Args:
        done: finished tasks.

    Raises:
        BadInput: one is missing, or does not fit.
    """
    for task, split, name in found:
        where = layout.metric(task, split, name)
        if task >= done or split not in ("", *setup.splits) or name not in (OF_SPLIT if split else OF_MODEL):
            raise refused(where, "no such thing is measured in this run")
    return tuple(_of_task(found, setup, task) for task in range(done))


def _of_task(found: Measured, setup: RunStarted, task: int) -> tuple[str, ...]:
    needed = [("", "nec"), *((split, name) for split in setup.splits for name in ALWAYS)]
    if setup.learns_concepts:
        needed += [("", name) for name in OF_MODEL]
        needed += [(split, name) for split in setup.splits for name in OF_SPLIT]
    for split, name in needed:
        if (task, split, name) not in found:
            raise refused(layout.metric(task, split, name), "it is missing")
    if setup.learns_concepts and found[task, "", "text"].size > _MOST_CONCEPTS:
        raise refused(layout.metric(task, "", "text"), f"it holds more than {_MOST_CONCEPTS} concepts")
    texts = found[task, "", "text"].ravel().tolist() if setup.learns_concepts else []
    seen = sum(len(ids) for ids in setup.task_classes[: task + 1])
    sizes = {"t": task + 1, "c": seen, "k": len(texts), "b": BINS, "3": 3}
    for (at, split, name), array in found.items():
        if at == task:
            form = (OF_SPLIT if split else OF_MODEL)[name]
            check_form(array, form, sizes, layout.metric(task, split, name))
    if setup.learns_concepts and max(found[task, "", "class_id"], default=-1) >= len(setup.class_names):
        raise refused(layout.metric(task, "", "class_id"), "it names a class that the run does not have")
    return tuple(map(str, texts))
