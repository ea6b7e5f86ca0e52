"""Results of the analysis `robustness`, worked out by hand and stored as if they had been computed."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from engine.jobs.analyses import Analyses, Question
from engine.metrics.robustness import matrices
from engine.store.store import RunStore

EPS = (1.0, 2.0, 4.0, 8.0)
KEPT = (0.75, 0.5, 0.25, 0.0)
"""Share of the clean model's right answers that survive each strength; the first task loses a quarter more."""
NAME = "robustness"


def arrays(
    tasks: int = 4,
    classes: int = 2,
    per_class: int = 4,
    *,
    rows: np.ndarray | None = None,
    concepts: tuple[str, ...] = ("red crown", "hooked bill", "green back"),
    maps: bool = True,
    kept: tuple[float, ...] = KEPT,
    attacked_like: int = 0,
) -> dict[str, np.ndarray]:
    """Arrays as `engine.analyses.robustness` documents them.

    Of every class all but the last image are right without an attack. An image's shift at strength e is
    0.1 (e + 1) + 0.2 where it is fooled, so that shift and mistakes go together.

    Args:
        maps: whether the backbone keeps patch tokens.
        kept: share of right answers left at each strength.
        attacked_like: added to the seed of the little noise on shifts.
    """
    count = tasks * classes * per_class
    labels = np.repeat(np.arange(tasks * classes), per_class)
    task_of = labels // classes
    within = np.tile(np.arange(per_class), tasks * classes)
    outcome = np.full((len(EPS) + 1, tasks, count), -1, np.int8)
    for t in range(tasks):
        learnt = task_of <= t
        clean = within < per_class - 1
        outcome[0, t, learnt] = clean[learnt]
        for e, share in enumerate(kept):
            held = within < np.where(task_of == 0, share - 0.25, share) * per_class
            outcome[e + 1, t, learnt] = (clean & held)[learnt]
    noise = 0.02 * np.random.default_rng([7, attacked_like]).random((len(EPS), tasks, count, 2, 5))
    fooled = (outcome[:1] == 1) & (outcome[1:] == 0)
    moved = 0.1 * (1 + np.arange(len(EPS)))[:, None, None] + 0.2 * fooled  # [E, T, N]
    shift = moved[..., None, None] + noise
    shift[..., 2:4] = 1 - shift[..., 2:4]  # cosine and overlap are 1 where nothing moved
    shift[np.broadcast_to((outcome[:1] != 1)[..., None, None], shift.shape)] = np.nan
    margin = np.where(outcome[0] >= 0, np.where(clean, float(per_class - 1) - within, -1.0), np.nan)
    groups = np.array(["crown", "bill_shape"])
    group_shift = np.broadcast_to(
        0.1 * (1 + np.arange(len(EPS)))[:, None, None, None] + 0.05 * np.arange(2)[:, None], (len(EPS), tasks, 2, 5)
    ).copy()
    group_shift[..., 2:4] = 1 - group_shift[..., 2:4]
    size = len(concepts)
    flips = np.linspace(0.9, 0.1, size)[None, :] * np.linspace(0.4, 1, len(EPS))[:, None] if size else np.zeros((4, 0))
    return {
        "eps": np.array(EPS, np.float32),
        "rows": np.arange(count) if rows is None else rows,
        "task_of": task_of,
        "labels": labels,
        "outcome": outcome,
        "accuracy": matrices(outcome, task_of).astype(np.float32),
        "margin": margin.astype(np.float32),
        "guides": np.array(["text", "row"]),
        "shift": (shift if maps else np.full_like(shift, np.nan)).astype(np.float32),
        "groups": groups if size else groups[:0],
        "group_shift": (group_shift if maps else np.full_like(group_shift, np.nan))[
            :, :, : len(groups) * bool(size)
        ].astype(np.float32),
        "concepts": np.array(concepts, np.str_),
        "flips": flips.astype(np.float32),
        "moved": (2 * flips).astype(np.float32),
        "flat": np.zeros((len(EPS), tasks), np.float32),
        "rising": np.ones((len(EPS), tasks), bool),
    }


def store(home: Path, run: str, task: int, result: dict[str, np.ndarray], **settings: object) -> None:
    """Keep a result as if it had been computed."""
    question, analyses = Question(run, task, NAME, settings), Analyses(RunStore(home))
    analyses.keep(question, result, 1.0)
