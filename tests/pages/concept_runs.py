"""Runs with concepts and models, written through the real store without training anything."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import torch

from engine.concepts.bank import Concept, ConceptBank
from engine.jobs.analyses import Analyses, Question
from engine.model.covariances.full import no_covariances
from engine.model.snapshot import ClassStatistics, Snapshot
from engine.model.storage import save
from engine.records.events import RunStarted, TaskFinished
from engine.runs.config import RunConfig
from engine.runs.sources import open_dataset
from engine.store.store import RunStore
from tests.job_states import adopt
from tests.pages import stores

TEXTS = ("red crown", "hooked bill", "green back", "two eyes", "long tail", "black bib", "woods", "spiky crest")
"""Concepts, two a task."""
GROUPS = ("crown", "bill", "back", "useless", "tail", "face", "habitat", "crest")
BROKEN_FROM, BROKEN_TO = 0.95, 0.70
"""AUC of the first concept before and after task 3, which breaks it."""
WIDTH = 8


def write_concepts(
    home: Path,
    *,
    status: str = "finished",
    done: int = 4,
    texts: tuple[str, ...] = TEXTS,
    truth: bool = True,
    learns: bool = True,
    models: bool = True,
    setup: RunConfig | None = None,
    names: tuple[str, ...] = (),
) -> str:
    """A run of four tasks of two classes, `done` of them finished, each bringing two of `texts`."""
    store, setup = RunStore(home), setup or stores.config()
    run = store.create(setup, "")
    names = names or open_dataset(setup).class_names
    tasks = [(k, k + 1) for k in range(0, 8, 2)]
    sizes = (2 * stores.PER_CLASS,) * 4
    adopt(store, run, os.getpid(), "running")
    started = RunStarted(tuple(names), tuple(tasks), ("test", "moved"), {"test": sizes, "moved": sizes}, learns)
    store.write_setup(run, started)
    for task in range(done):
        if models:
            save(store.snapshots(run), snapshot(task, texts))
        metrics = {split: stores._measured(task, tasks, 0.0) for split in ("test", "moved")}
        metrics[""] = {"nec": np.asarray(5.0)}
        if learns:
            metrics[""] |= _bank(task, texts)
            for split in ("test", "moved"):
                auc = _auc(task) if truth else np.full(2 * (task + 1), np.nan)
                metrics[split] |= {"concept_auc": auc, "concept_accuracy": auc - 0.05}
        store.commit_task(run, TaskFinished(task, 2.0, 300.0), metrics, 0.9)
    stores.finish(store, run, status, "no space left" if status == "failed" else None)
    return run


def snapshot(task: int, texts: tuple[str, ...] = TEXTS) -> Snapshot:
    """A model whose class c uses concept c (+1) and concept 0 (+0.5), and no other."""
    seen = 2 * (task + 1)
    head = torch.eye(seen)
    head[:, 0] += 0.5 * (torch.arange(seen) > 0)
    concepts = tuple(Concept(texts[k], GROUPS[k], k // 2, k, None) for k in range(seen))
    rows = torch.eye(WIDTH)[:seen]
    statistics = ClassStatistics(torch.zeros(seen, WIDTH), no_covariances(seen), torch.zeros(seen, WIDTH))
    return Snapshot(task, tuple(range(seen)), ConceptBank(concepts, rows), rows, head, torch.zeros(seen), statistics)


def keep(home: Path, run: str, task: int, name: str, result: dict[str, np.ndarray]) -> None:
    """Store the result of an analysis as if it had been computed."""
    question, analyses = Question(run, task, name, {}), Analyses(RunStore(home))
    analyses.keep(question, result, 1.0)


def exemplars(concepts: int, known: bool = True) -> dict[str, np.ndarray]:
    """The first four test images for every concept, true of the first two."""
    maps = np.linspace(-1, 1, concepts * 4 * 4).reshape(concepts, 4, 2, 2).astype(np.float16)
    hits = np.tile([True, True, False, False], (concepts, 1))
    return {
        "rows": np.tile(np.arange(4), (concepts, 1)),
        "scores": np.ones((concepts, 4), np.float32),
        "text_maps": maps,
        "row_maps": -maps,
        "hits": hits & known,
        "known": np.full(concepts, known),
    }


def control(
    own: float = 0.902, random: float = 0.899, meaning: float = 0.98, margin: float = 0.002, tasks: int = 4
) -> dict[str, np.ndarray]:
    """A control over some tasks, twice; random vectors reach five points less; no words of other fields.

    Args:
        margin: half of the gain's interval.
    """
    run, controls = np.full((3, 2, tasks), own), np.full((3, 2, 2, tasks), random)
    run[2], controls[2] = meaning, meaning - 0.1
    return {
        "splits": np.array(["test", "moved"]),
        "run": run,
        "control": controls,
        "gain": np.stack([run[:2] - random + end for end in (0, -margin, margin)], axis=-1),
        "vectors": controls[:, :1] - 0.05,
        "elsewhere": np.zeros((3, 0, 2, tasks)),
        "size": 2 * np.arange(1, tasks + 1),
        "control_size": np.tile(2 * np.arange(1, tasks + 1), (2, 1)),
        "phrases": np.array([["frozen <b>fork</b>", "sooty four"]] * 2),
    }


def sparse(gain: float = 0.2) -> dict[str, np.ndarray]:
    """Accuracy at 5 to 30 concepts a class: one point more each time, 70 % refitted at 5, 40 % with its own head."""
    climb = np.repeat(np.arange(6)[:, None] / 100, 2, 1)
    gains = np.full((6, 2), gain)
    return {
        "splits": np.array(["test", "moved"]),
        "levels": np.arange(5, 31, 5),
        "pruned": 0.4 + climb,
        "refitted": 0.7 + climb,
        "random_pruned": (0.4 + climb - gain)[None],
        "random_refitted": (0.7 + climb - gain)[None],
        "gain": np.stack([gains, gains - 0.05, gains + 0.05], axis=-1),
    }


def leakage(beyond_truth: float = 0.1, beyond_calls: float = 0.2) -> dict[str, np.ndarray]:
    """Heads on scores (90 %), on calls and on the truth, with intervals of 5 points either way."""
    own = np.full(2, 0.9)
    gaps = np.array([[beyond_truth] * 2, [beyond_calls] * 2])
    return {
        "splits": np.array(["test", "moved"]),
        "accuracy": np.stack([own, own - beyond_calls, own - beyond_truth]),
        "gap": np.stack([gaps, gaps - 0.05, gaps + 0.05], axis=-1),
        "concepts": np.array(4),
        "strength": np.full(3, 0.01),
    }


def relations(tasks: int = 4, lost: float = 0.1) -> dict[str, np.ndarray]:
    """Each task loses so much a task of what was told of it, and its weights turn twice as far."""
    age = np.subtract.outer(np.arange(tasks), np.arange(tasks))
    linear, kept = (np.where(age >= 0, 1 - by * age, np.nan) for by in (lost, 2 * lost))
    return {"linear": linear, "kept": kept}


def search(tasks: int = 4) -> dict[str, np.ndarray]:
    """Two seeds' choices of two of four candidates in each task: they share the true one.

    One seed's other is true as well, the other's is wrong; so a quarter of the chosen is, and half of the candidates.
    Shared is 1 of 3; of two random pairs of four it is (4 / 6) / 3 + 1 / 6 = 7 / 18.
    """
    return {
        "seeds": np.array([7, 8]),
        "chosen": np.tile(np.array([[1, 1, 0, 0], [1, 0, 1, 0]], bool), tasks),
        "text": np.array([f"text {n}" for n in range(4 * tasks)], np.str_),
        "task": np.repeat(np.arange(tasks), 4),
        "kind": np.tile(np.array(["true", "true", "wrong", "useless"], np.str_), tasks),
    }


def _auc(task: int) -> np.ndarray:
    values = np.full(2 * (task + 1), 0.9)
    values[0] = BROKEN_FROM if task < 2 else BROKEN_TO
    values[3:4] = np.nan
    return values


def _bank(task: int, texts: tuple[str, ...]) -> dict[str, np.ndarray]:
    size = 2 * (task + 1)
    return {
        "text": np.array(texts[:size], np.str_),
        "group": np.array(GROUPS[:size], np.str_),
        "born": np.repeat(np.arange(task + 1), 2),
        "class_id": np.arange(size),
        "drift": np.linspace(0.3, 0.1, size),
        "alignment": np.linspace(0.7, 0.9, size),
    }
