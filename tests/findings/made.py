"""Runs whose every number is chosen by a test, written through the real store."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.metrics.calibration import BINS
from engine.records.events import RunStarted, TaskFinished
from engine.runs.sources import open_dataset
from engine.session.facts import RunFacts
from engine.store.store import RunStore
from tests.job_states import adopt, set_status
from tests.pages.stores import config

PER_CLASS = 100


def diagonal(classes: int, right: Sequence[int] | int = PER_CLASS) -> np.ndarray:
    """A confusion matrix in which class c has right[c] pictures right; the rest goes evenly to all other classes."""
    rights = [right] * classes if isinstance(right, int) else list(right)
    counts = np.zeros((classes, classes), np.int64)
    for c, hits in enumerate(rights):
        others = [j for j in range(classes) if j != c]
        for n in range(PER_CLASS - hits):
            counts[c, others[n % len(others)]] += 1
        counts[c, c] += hits
    return counts


def made(
    home: Path,
    confusions: Sequence[np.ndarray],
    *,
    moved: Sequence[np.ndarray] | None = None,
    names: Sequence[str] = (),
    told: Sequence[Sequence[float]] | None = None,
    bins: np.ndarray | None = None,
    named: float = float("nan"),
    auc: Sequence[Sequence[float]] | None = None,
    seen: Sequence[Sequence[float]] | None = None,
    texts: Sequence[str] = (),
    total: int | None = None,
    folder: bool = False,
    method: str = "clg_cbm",
    seed: int = 1993,
) -> RunFacts:
    """A run of tasks of two classes, one finished task for each confusion matrix.

    Args:
        moved: likewise with habitats moved; no such split if not given.
        told: task-IL accuracies after each task; class-IL's if not given.
        bins: reliability [3, bins] after every task; not kept if not given.
        named: zero-shot accuracy on every new task.
        auc, seen: concept AUC and accuracy after each task; a run without concepts if neither is given.
        total: tasks the run would have.
        folder: whether its classes are somebody's own, of which nobody knows who is alike.
        method, seed: by which it was trained.
    """
    store, setup = RunStore(home), config().changed(method=method, seed=seed)
    setup = setup.changed(dataset="folder", path="/nowhere") if folder else setup
    run = store.create(setup, "")
    tasks = [(2 * t, 2 * t + 1) for t in range(total or len(confusions))]
    splits = ("test",) if moved is None else ("test", "moved")
    known = tuple(names) or open_dataset(config()).class_names
    sizes = (2 * PER_CLASS,) * len(tasks)
    learns = auc is not None or seen is not None
    adopt(store, run, os.getpid(), "running")
    store.write_setup(run, RunStarted(known, tuple(tasks), splits, dict.fromkeys(splits, sizes), learns))
    for t, counts in enumerate(confusions):
        metrics = {"test": _measured(counts, told[t] if told else None, bins, named), "": {"nec": np.asarray(5.0)}}
        if moved is not None:
            metrics["moved"] = _measured(moved[t], None, bins, named)
        if learns:
            values = {"concept_auc": auc and auc[t], "concept_accuracy": seen and seen[t]}
            size = len(next(row for row in values.values() if row is not None))
            filled = {k: np.array(v if v is not None else [np.nan] * size, float) for k, v in values.items()}
            for split in splits:
                metrics[split] |= filled
            metrics[""] |= _bank(size, t, texts)
        store.commit_task(run, TaskFinished(t, 1.0, 300.0), metrics, 0.9)
    set_status(store, run, "finished" if len(confusions) == len(tasks) else "stopped", None)
    return RunFacts(store, run)


def bins(sure: float, right: float, count: int, place: int = 14) -> np.ndarray:
    """Reliability [3, bins] of predictions that are all in one bin."""
    found = np.full((3, BINS), np.nan)
    found[2] = 0
    found[:, place] = sure, right, count
    return found


def _measured(
    counts: np.ndarray, told: Sequence[float] | None, bins: np.ndarray | None, named: float
) -> dict[str, np.ndarray]:
    right = np.diagonal(counts).reshape(-1, 2).sum(1)
    shares = right / counts.reshape(len(counts) // 2, -1).sum(1)
    return {
        "class_il": shares,
        "task_il": shares if told is None else np.array(told, float),
        "confusion": counts,
        "ece": np.asarray(np.nan),
        **({} if bins is None else {"reliability": bins}),
        "zero_shot_class_il": np.asarray(named),
        "zero_shot_task_il": np.asarray(named),
        "before": np.asarray(np.nan),
        **_outcomes(counts),
    }


def _outcomes(counts: np.ndarray) -> dict[str, np.ndarray]:
    """One test image for each count, class by class, the ones that are right first."""
    label = np.repeat(np.arange(len(counts)), counts.sum(1))
    order = [[c, *(p for p in range(len(counts)) if p != c)] for c in range(len(counts))]
    predicted = np.concatenate([np.repeat(places, row[places]) for places, row in zip(order, counts, strict=True)])
    whole = {
        "image": np.arange(len(label), dtype="i4"),
        "label": label.astype("i2"),
        "predicted": predicted.astype("i2"),
    }
    return {**whole, "probability": np.ones(len(label), "f2")}


def _bank(size: int, task: int, texts: Sequence[str]) -> dict[str, np.ndarray]:
    words = [texts[k] if k < len(texts) else f"concept {k}" for k in range(size)]
    return {
        "text": np.array(words, np.str_),
        "group": np.array(["crown"] * size, np.str_),
        "born": np.minimum(np.arange(size) // 2, task),
        "class_id": np.arange(size) % (2 * (task + 1)),
        "drift": np.zeros(size),
        "alignment": np.ones(size),
    }
