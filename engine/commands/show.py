"""Show what a run was, how it went and what it measured. RUN is an id, the beginning of one, or `last`."""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
from typing import Any

from engine.array_types import Floats
from engine.commands._words import UNKNOWN, date, printable, summary, table
from engine.store.store import RunStore
from engine.store.view import RunView
from engine.training import repeats

SUMMARY = "show a run's accuracy, forgetting, time and memory"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("run_id", metavar="RUN", help="id of the run, its beginning, or `last`")
    parser.add_argument("--json", action="store_true", help="one JSON object")


def run(arguments: argparse.Namespace) -> int:
    """Print the run."""
    store = RunStore()
    view = RunView(store, store.resolve(arguments.run_id))
    print(json.dumps(as_mapping(view), allow_nan=False) if arguments.json else as_text(view))
    return 0


def as_mapping(view: RunView) -> dict[str, Any]:
    """Everything about a run, ready for JSON; what is not known is null.

    The top level speaks of the test split and class-IL; `splits` holds the same for every split, and task-IL.
    """
    config = view.config
    return {
        "run": view.id,
        "name": view.name,
        "method": config.method,
        "seed": config.seed,
        "config": config.to_mapping(),
        "status": view.status,
        "error": view.error,
        "parent": view.parent,
        "parent_task": view.parent_task,
        "machine": view.machine,
        "class_names": view.class_names,
        "task_classes": view.task_classes,
        "repeated": dataclasses.asdict(view.repeated) if view.repeated else None,
        "tasks_done": view.tasks_done,
        "tasks_total": view.tasks_total,
        **_measured(view, "test", "class_il"),
        "seconds": view.seconds,
        "peak_memory_mb": view.peak_memory_mb,
        "tasks": [{"task": t.task, "seconds": t.seconds, "peak_memory_mb": t.peak_memory_mb} for t in view.timing],
        "nec": _plain(view.nec),
        "parameters": _plain(view.parameters),
        "stored": _plain(view.stored),
        "validation": _plain(view.validation),
        "splits": {
            split: {
                **_measured(view, split, "class_il"),
                "task_il": _measured(view, split, "task_il"),
                "zero_shot": _plain(view.zero_shot(split)),
                "concept_matrix": _plain(view.concept_matrix(split)),
            }
            for split in view.splits
        },
    }


def as_text(view: RunView) -> str:
    """The run on a few lines: what, how far, the numbers, the accuracy matrix."""
    config = view.config
    title = f"{view.id}  {printable(view.name)}".rstrip()
    lines = [
        title,
        f"{config.method} on {config.dataset}, seed {config.seed}, {date(view.created)}, {view.machine}",
        f"{view.status}, {view.tasks_done} of {view.tasks_total or '?'} tasks"
        + (f", forked from {view.parent} after task {(view.parent_task or 0) + 1}" if view.parent else ""),
    ]
    if view.class_names:  # the data were opened
        lines.append(repeats.told(view))
    if view.error:
        lines.append(printable(view.error))
    if view.tasks_done:
        lines += ["", _numbers(view), "", "Accuracy on task (column) after task (row), test, class-IL:", _matrix(view)]
        memory = view.peak_memory_mb or 0.0
        lines += ["", f"{view.seconds:.1f} s, peak memory {memory:.0f} MB"]
    return "\n".join(lines)


def _measured(view: RunView, split: str, setting: str) -> dict[str, Any]:
    return {
        "accuracy_matrix": _plain(view.accuracy(split, setting)),
        "accuracy_seen": _plain(view.accuracy_seen(split, setting)),
        **view.summary(split, setting),
    }


def _plain(array: Floats) -> Any:
    """Nested lists with null for what is not known."""
    if array.ndim > 1:
        return [_plain(row) for row in array]
    return [None if math.isnan(value) else value for value in array.tolist()]


def _numbers(view: RunView) -> str:
    found = {split: view.summary(split) for split in view.splits}
    rows = [("", *found)]
    for name in next(iter(found.values())):
        rows.append((name.replace("_", " "), *(summary(name, values[name]) for values in found.values())))
    return table(rows)


def _matrix(view: RunView) -> str:
    matrix = view.accuracy()
    rows = [("", *(str(k + 1) for k in range(len(matrix))))]
    for t in range(view.tasks_done):
        cells = (UNKNOWN if math.isnan(value) else f"{100 * value:.0f}" for value in matrix[t])
        rows.append((str(t + 1), *cells))
    return table(rows)
