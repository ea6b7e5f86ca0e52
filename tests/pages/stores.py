"""Runs written through the real store without training anything: every page can be shown every state."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.metrics.calibration import packed, reliability
from engine.records.events import EpochEnded, RunStarted, TaskFinished, TaskStarted
from engine.runs.config import RunConfig, preset
from engine.runs.sources import open_dataset
from engine.store.store import RunStore
from engine.store.summary import stored_config
from engine.store.view import RunView
from tests.job_states import adopt, set_status

PER_CLASS = 20
"""Test images of each class."""
FELL_FROM, FELL_TO = 0.95, 0.60
"""Accuracy on task 1 before and after task 3 arrives, where there are three."""
EPOCHS = 4


def config(classes: int = 8, increment: int = 2) -> RunConfig:
    """A small Aviary."""
    return preset("tiny").changed(classes=classes, increment=increment)


def write_run(
    home: Path,
    *,
    status: str = "finished",
    done: int | None = None,
    classes: int = 8,
    increment: int = 2,
    name: str = "",
    names: tuple[str, ...] = (),
    error: str | None = None,
    seed: int = 0,
    setup: RunConfig | None = None,
    outcomes: bool = False,
    code: str = "",
) -> str:
    """A run with `done` finished tasks (all if not given) in a status. Its numbers follow from `recall`.

    Args:
        outcomes: whether those of single images, and how many numbers the model has, are kept too, as runs of today do.
        code: what computed it.
    """
    store, setup = RunStore(home), setup or config(classes, increment)
    run = store.create(setup, name)
    every = names or open_dataset(setup).class_names
    tasks = [tuple(range(k, min(k + increment, classes))) for k in range(0, classes, increment)]
    sizes = tuple(PER_CLASS * len(ids) for ids in tasks)
    started = RunStarted(
        tuple(every), tuple(tasks), ("test", "moved"), {"test": sizes, "moved": sizes}, True, code=code
    )
    adopt(store, run, os.getpid(), "running")
    store.write_setup(run, started)
    done = len(tasks) if done is None else done
    for task in range(done):
        _write_task(store, run, task, tasks, np.random.default_rng([seed, task]), outcomes)
    if done < len(tasks):
        store.append(run, [TaskStarted(done, tasks[done]), *_epochs(done)[: EPOCHS // 2]])
    finish(store, run, status, error)
    return run


def write_copies(home: Path, run: str, names: Sequence[str]) -> list[str]:
    """More runs with the same numbers, faster than writing each anew."""
    store = RunStore(home)
    setup, done = stored_config(store.row(run)), store.tasks_done(run)
    copies = [store.create(setup, name) for name in names]
    for copy in copies:
        store.copy_tasks(run, copy, done)
        set_status(store, copy, store.status(run))
    return copies


def finish_task(home: Path, run: str) -> None:
    """The task that the run learns has ended."""
    view = RunView(RunStore(home), run)
    _write_task(RunStore(home), run, view.tasks_done, view.task_classes, np.random.default_rng(view.tasks_done))


def finish(store: RunStore, run: str, status: str, error: str | None = None) -> None:
    """Leave the run in a status; `interrupted` is what remains when its process is gone."""
    if status == "interrupted":
        adopt(store, run, _dead_pid(), "running")
    else:
        set_status(store, run, status, error)


def recall(task: int, moment: int) -> float:
    """Share of a task's images recognised after `moment`: task 0 falls when task 2 arrives, the others hold."""
    return FELL_TO if task == 0 and moment >= 2 else FELL_FROM


def _write_task(
    store: RunStore,
    run: str,
    task: int,
    tasks: list[tuple[int, ...]],
    rng: np.random.Generator,
    outcomes: bool = False,
) -> None:
    store.append(run, [TaskStarted(task, tasks[task]), *_epochs(task)])
    metrics = {split: _measured(task, tasks, shift) for split, shift in (("test", 0.0), ("moved", 0.15))}
    metrics[""] = {"nec": np.asarray(5.0), "validation": np.asarray(recall(0, task)), **_bank(task)}
    if outcomes:
        metrics[""] |= {"parameters": np.asarray(100 * (task + 1)), "stored": np.asarray(800 * (task + 1))}
        for split in ("test", "moved"):
            metrics[split] |= _outcomes(metrics[split]["confusion"])
    correct = np.trace(metrics["test"]["confusion"]) / metrics["test"]["confusion"].sum()
    store.commit_task(run, TaskFinished(task, 2.0 + task, 300.0 + rng.random()), metrics, float(correct))


def _measured(moment: int, tasks: list[tuple[int, ...]], shift: float) -> dict[str, np.ndarray]:
    """What evaluation would store: images of class c that are missed go to the first class of the newest task."""
    seen = [c for ids in tasks[: moment + 1] for c in ids]
    counts = np.zeros((len(seen), len(seen)), np.int64)
    for k, ids in enumerate(tasks[: moment + 1]):
        for c in ids:
            right = round(PER_CLASS * (recall(k, moment) - shift))
            target = (
                tasks[moment][0] if tasks[moment][0] != c else seen[0] if len(seen) > 1 and seen[0] != c else seen[-1]
            )
            counts[c, c] += right
            counts[c, target] += PER_CLASS - right
    rows = np.array([recall(k, moment) - shift for k in range(moment + 1)])
    known = np.minimum(rows + 0.04, 1.0)
    none = np.full(2 * (moment + 1), np.nan)
    return {
        "class_il": rows,
        "task_il": known,
        "confusion": counts,
        "ece": np.asarray(0.05),
        "reliability": packed(reliability(np.array([[0.9, 0.1]] * len(seen)), np.zeros(len(seen), np.int64))),
        "zero_shot_class_il": np.asarray(0.5),
        "zero_shot_task_il": np.asarray(0.6),
        "before": np.asarray(np.nan if moment == 0 else 0.65),
        "concept_accuracy": none,
        "concept_auc": none,
        "concept_matrix": np.full(moment + 1, np.nan),
    }


def _outcomes(confusion: np.ndarray) -> dict[str, np.ndarray]:
    """Single images that a confusion matrix may have come from, class by class."""
    classes = np.arange(len(confusion))
    label = np.repeat(classes, confusion.sum(1))
    return {
        "image": np.arange(len(label), dtype=np.int32),
        "label": label.astype(np.int16),
        "predicted": np.concatenate([np.repeat(classes, counts) for counts in confusion]).astype(np.int16),
        "probability": np.full(len(label), 0.9, np.float16),
    }


def _bank(moment: int) -> dict[str, np.ndarray]:
    size = 2 * (moment + 1)
    words = np.array([f"concept {k}" for k in range(size)], np.str_)
    return {
        "drift": np.zeros(size),
        "alignment": np.ones(size),
        "text": words,
        "group": words,
        "born": np.repeat(np.arange(moment + 1), 2),
        "class_id": np.arange(size),
    }


def _epochs(task: int) -> list[EpochEnded]:
    return [
        EpochEnded(task, phase, e + 1, EPOCHS, 1.0 / (1 + e + task), 0.5 + 0.1 * e, 0.45 + 0.1 * e, 0.5 * (e + 1))
        for phase in ("search", "train")
        for e in range(EPOCHS)
    ]


def _dead_pid() -> int:
    """A process that has ended."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    time.sleep(0.01)
    return child
