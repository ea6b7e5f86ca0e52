"""Films of runs that nobody watched: beats that are valid and look like real ones, written through the real store."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.metrics.attention_shift import shifts
from engine.records.events import Watched
from engine.records.watched import AFTER, CHANGED, TOP, check_beat
from engine.store.store import RunStore
from engine.store.view import RunView

GRID = 6
HEARTBEATS = (20, 40)
"""Epochs inside of a task at which there is a beat."""


def put(store: RunStore, run: str, beats: Sequence[Watched]) -> None:
    """Give a run a film."""
    setup = RunView(store, run).setup
    assert setup is not None
    for beat in beats:
        check_beat(beat, setup)
    store.append(run, beats)


def film(
    view: RunView,
    tasks: int | None = None,
    heartbeats: Sequence[int] = HEARTBEATS,
    concepts: Sequence[str] = (),
    probes: Sequence[str] = (),
    seed: int = 0,
) -> list[Watched]:
    """Beats of the first `tasks` tasks (all finished ones if not given), each at `heartbeats` and at its end.

    Args:
        concepts: watched, two more with every task; "concept 0" and so on if not given.
        probes: watched, two more with every task; validation rows if not given.
    """
    done = view.tasks_done if tasks is None else tasks
    made = list[Watched]()
    for task in range(done):
        for step, epoch in enumerate((*heartbeats, AFTER)):
            learnt = task + (step + 1) / (len(heartbeats) + 1)
            made.append(beat(view, task, epoch, learnt, made[-1] if made else None, concepts, probes, seed))
    return made


def beat(
    view: RunView,
    task: int,
    epoch: int,
    learnt: float,
    before: Watched | None,
    concepts: Sequence[str] = (),
    probes: Sequence[str] = (),
    seed: int = 0,
) -> Watched:
    """One beat; `learnt` tasks lie behind it."""
    counts = [len(ids) for ids in view.task_classes[: task + 1]]
    seen, pictures, words = sum(counts), 2 * (task + 1), 2 * (task + 1)
    refs = list(probes[:pictures]) or [f"val:{7 * i}" for i in range(pictures)]
    texts = list(concepts[:words]) or [f"concept {k}" for k in range(words)]
    owners = np.repeat(np.arange(task + 1), counts)
    arrived = np.arange(pictures) // 2
    label = np.array([np.flatnonzero(owners == t)[i % counts[t]] for i, t in enumerate(arrived)])
    age = learnt - arrived  # [P], tasks since it arrived
    margin = (3.0 - 0.9 * (np.arange(pictures) % 2) - 0.55 * age + _noise(seed, task, epoch, pictures)).astype("f4")
    attacked_margin = (margin - 1.1 - 0.25 * age).astype("f4")
    other = (label + 1) % seen
    right, held = margin > 0, attacked_margin > 0
    probability = _shares(label, other, margin, seen)
    maps = {name: _blobs(pictures, turn, age) for name, turn in (("row", 0.0), ("attacked_row", 0.7))}
    names = {name: _blobs(pictures, turn, np.zeros(pictures)) for name, turn in (("text", 0.4), ("attacked_text", 0.9))}
    weight = _weights(len(texts), seen, learnt, seed)
    changed = _changed(weight, texts, before)
    arrays = {
        "probe": np.array(refs, np.str_),
        "arrived": arrived.astype("i8"),
        "reason": np.array([("typical", "edge")[i % 2] for i in range(pictures)], np.str_),
        "lost": np.array([""] * pictures, np.str_),
        "label": label.astype("i8"),
        "aimed": label.astype("i8"),
        "predicted": np.where(right, label, other).astype("i8"),
        "attacked": np.where(held, label, other).astype("i8"),
        "probability": probability,
        "attacked_probability": _shares(label, other, attacked_margin, seen),
        "margin": margin,
        "attacked_margin": attacked_margin,
        "fooled": right & ~held,
        "top": np.array([[texts[(i + j) % len(texts)] for j in range(min(TOP, len(texts)))] for i in range(pictures)]),
        "part": np.tile(np.linspace(1.0, 0.2, min(TOP, len(texts)), dtype="f4"), (pictures, 1)),
        "row_map": maps["row"],
        "attacked_row_map": maps["attacked_row"],
        "text_map": names["text"],
        "attacked_text_map": names["attacked_text"],
        "row_shift": shifts(maps["row"].astype("f8"), maps["attacked_row"].astype("f8")).astype("f4"),
        "text_shift": shifts(names["text"].astype("f8"), names["attacked_text"].astype("f8")).astype("f4"),
        "concept": np.array(texts, np.str_),
        "group": np.array(["crown", "bill"] * len(texts))[: len(texts)],
        "born": (np.arange(len(texts)) // 2).astype("i8"),
        "why": np.array(["used"] * len(texts)),
        "alignment": np.full(len(texts), 0.9, "f4"),
        "drift": np.full(len(texts), 0.02 * learnt, "f4"),
        "weight": weight,
        "accuracy": np.full(len(texts), 0.8, "f4"),
        "moved": np.asarray(np.nan if before is None else 0.1, "f4"),
        **changed,
        **{name: np.asarray("", np.str_) for name in ("trouble", "no_map", "no_text", "no_attack")},
        "text_fixed": np.asarray("the backbone is frozen, and so is the text", np.str_),
        "attack": np.asarray("PGD, 2 steps of at most 1/255", np.str_),
    }
    return Watched(task, epoch, arrays, 0.4)


def _noise(seed: int, task: int, epoch: int, size: int) -> np.ndarray:
    return np.random.default_rng([seed, task, epoch]).normal(0.0, 0.1, size)


def _shares(label: np.ndarray, other: np.ndarray, margin: np.ndarray, seen: int) -> np.ndarray:
    """Probabilities [P, C] of pictures whose class beats the other one by a margin."""
    logits = np.full((len(label), seen), -3.0)
    rows = np.arange(len(label))
    logits[rows, other], logits[rows, label] = 0.0, margin
    share = np.exp(logits)
    return (share / share.sum(1, keepdims=True)).astype("f2")


def _blobs(pictures: int, turn: float, age: np.ndarray) -> np.ndarray:
    """Maps [P, g, g] with one bright place that wanders with age, and is elsewhere under attack."""
    y, x = np.mgrid[:GRID, :GRID]
    found = np.empty((pictures, GRID, GRID))
    for i in range(pictures):
        angle = i + turn + 0.35 * age[i]
        away = (y - 2.5 - 1.6 * np.sin(angle)) ** 2 + (x - 2.5 - 1.6 * np.cos(angle)) ** 2
        found[i] = (0.6 + 0.2 * age[i]) * np.exp(-away / 3) - 0.12
    return found.astype("f2")


def _weights(concepts: int, classes: int, learnt: float, seed: int) -> np.ndarray:
    rng = np.random.default_rng([seed, 3])
    start, drift = rng.normal(0.0, 0.6, (100, 200)), rng.normal(0.0, 0.12, (100, 200))
    return (start + drift * learnt)[:concepts, :classes].astype("f4")


def _changed(weight: np.ndarray, texts: list[str], before: Watched | None) -> dict[str, np.ndarray]:
    old = np.zeros_like(weight)
    if before is not None:
        was = before.arrays["weight"]
        old[: was.shape[0], : was.shape[1]] = was
    size = np.abs(weight - old) if before is not None else np.zeros_like(weight)
    order = [place for place in np.argsort(-size, axis=None)[:CHANGED] if size.flat[place] > 0]
    rows, columns = np.unravel_index(np.array(order, "i8"), weight.shape)
    return {
        "changed_concept": np.array([texts[k] for k in rows], np.str_),
        "changed_class": columns.astype("i8"),
        "changed_before": old[rows, columns],
        "changed_now": weight[rows, columns],
    }
