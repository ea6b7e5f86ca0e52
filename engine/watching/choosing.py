"""What is watched by itself: declared rules on validation pictures and on the model, never on test pictures."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from engine.array_types import Floats, Ints
from engine.model.snapshot import Snapshot

_DRIFTING = 2
"""Places kept for concepts that drift."""
_OF = 4
"""One of so many places, at most."""

Chosen = list[tuple[int, str]]
"""Indices, and why each is watched."""


def probes(features: Floats, labels: Ints, means: Floats, count: int) -> Chosen:
    """Validation pictures of a task to be watched, by turns typical and at the edge, each of another class if it can.

    Typical is what lies nearest to the mean of its class; at the edge what lies least nearer to that than to the mean
    of another class seen, so that the two look alike. Equally good ones are taken in their order.

    Args:
        features: [N, D], unit length.
        labels: [N], positions in the order of learning.
        means: [C, D], of all classes seen, those of this task among them.
        count: how many to choose; fewer where there are no more.
    """
    if not len(labels):
        return []
    likeness = features @ _unit(means).T  # [N, C]
    own = likeness[np.arange(len(labels)), labels]
    others = likeness.copy()
    others[np.arange(len(labels)), labels] = -np.inf
    lead = own - others.max(1) if likeness.shape[1] > 1 else own
    orders = {"typical": np.argsort(-own, kind="stable"), "edge": np.argsort(np.abs(lead), kind="stable")}
    chosen: Chosen = []
    for turn in range(min(count, len(labels))):
        reason = ("typical", "edge")[turn % 2]
        taken = [place for place, _ in chosen]
        chosen.append((_next(orders[reason], labels, taken), reason))
    return chosen


def _next(order: Ints, labels: Ints, taken: Collection[int]) -> int:
    """The first of an order that is not taken, of a class not taken yet where there is one."""
    free = [int(place) for place in order if place not in taken]
    known = {int(labels[place]) for place in taken}
    return next((place for place in free if int(labels[place]) not in known), free[0])


def newcomers(snapshot: Snapshot, watched: Sequence[str], tasks: int, count: int) -> Chosen:
    """Concepts that come to be watched once a task is learnt, besides those that are.

    Each task has its share of the places but for those that `drifting` ones get: its most used concepts, of a group
    that none watched is of where there is one.

    Args:
        watched: texts of those watched already.
        tasks: how many the run has.
        count: places in all.
    """
    listed, task = snapshot.bank.concepts, snapshot.task
    known = {concept.text for concept in listed if concept.text in set(watched)}
    groups = {concept.group for concept in listed if concept.text in known}
    room = share(task, tasks, count - _for_drifting(count)) - sum(c.task == task and c.text in known for c in listed)
    new = [k for k, c in enumerate(listed) if c.task == task and c.text not in known]
    used = snapshot.head.abs().mean(0).numpy()  # [K]
    chosen: Chosen = []
    for _ in range(min(room, len(new))):
        best, reason = _most_used(new, used, [listed[k].group for k in new], groups)
        chosen.append((best, reason))
        new.remove(best)
        groups.add(listed[best].group)
    return chosen


def _most_used(new: Sequence[int], used: Floats, of: Sequence[str], groups: Collection[str]) -> tuple[int, str]:
    fresh = [k for k, group in zip(new, of, strict=True) if group and group not in groups]
    best = max(fresh or new, key=lambda k: float(used[k]))
    is_most = best == max(new, key=lambda k: float(used[k]))
    return best, "used" if is_most else "group"


def drifting(snapshot: Snapshot, drift: Floats, watched: Sequence[str], tasks: int, count: int, had: int) -> Chosen:
    """Concepts that have drifted most, for the places that are for them, once a task is learnt.

    Args:
        drift: [K], since each was learnt; NaN where that is not known.
        watched: texts of those watched already.
        count: places for concepts in all.
        had: how many of those for drifting ones are given away.
    """
    room = _upto(snapshot.task, tasks, _for_drifting(count)) - had
    older = [k for k, c in enumerate(snapshot.bank.concepts) if c.task < snapshot.task and c.text not in set(watched)]
    order = sorted((k for k in older if drift[k] == drift[k]), key=lambda k: -float(drift[k]))
    return [(k, "drifting") for k in order[: max(0, room)]]


def _for_drifting(count: int) -> int:
    return min(_DRIFTING, count // _OF)


def share(task: int, tasks: int, places: int) -> int:
    """How many of the places a task has, so that over all tasks every one is given away."""
    return _upto(task, tasks, places) - _upto(task - 1, tasks, places)


def _upto(task: int, tasks: int, places: int) -> int:
    return places * (task + 1) // tasks


def _unit(vectors: Floats) -> Floats:
    lengths: Floats = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, np.finfo(vectors.dtype).tiny)
