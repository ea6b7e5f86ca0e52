"""One concept through the tasks: its values, its weights, its turns, and the task that broke it.

Concepts keep their place in the bank: concept k of an early model is concept k of every later one, and a model that
came before the concept has no such place.

A task *broke* a concept if the concept's AUC fell from the moment before that task to the moment after it by `BROKE`
or more, and by more than at any other task. Of equal falls the first counts. A fall that a later task makes good is
still a fall: the reader sees both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Bools, Floats, Ints

BROKE = 0.03
"""Smallest fall of AUC that is called a break. With 80 images that show a concept and an AUC of 0.9 its standard error
is 0.023 (Hanley & McNeil 1982), so smaller falls may well be chance."""
USED = 0.1
"""A class uses a concept whose weight is at least this share of the class's largest. An elastic net trained by steps
leaves a trace of 1e-6 on every concept it dropped, so "not 0" would count them all."""


@dataclass(frozen=True, slots=True)
class Break:
    """The task that broke a concept.

    Attributes:
        task: from 0.
        before, after: the value after the task before it, and after it, 0..1.
    """

    task: int
    before: float
    after: float

    @property
    def fall(self) -> float:
        """How far it fell, above 0."""
        return self.before - self.after

    def is_made_good(self, now: float) -> bool:
        """Whether a concept whose value is `now` is back to less than `BROKE` below where it was."""
        return self.before - now < BROKE


def series(rows: Sequence[Floats], concept: int) -> Floats:
    """One concept's value after each task, [T]; NaN before it was learnt.

    Args:
        rows: after each task the value of every concept so far, [K_t].
    """
    return np.array([row[concept] if concept < len(row) else np.nan for row in rows], np.float64)


def broken_by(values: Floats, worth: float = BROKE) -> Break | None:
    """The task at which the values [T] fell most at once, or None if no fall is worth telling.

    NaN stands for "not known"; a step from or to it is no fall.
    """
    steps = np.nan_to_num(-np.diff(values), nan=-np.inf)  # [T-1], falls above 0
    if not len(steps):
        return None
    place = int(np.argmax(np.round(steps, 12)))  # rounded so that ties are ties
    if not steps[place] >= worth:
        return None
    return Break(place + 1, float(values[place]), float(values[place + 1]))


def breaks(rows: Sequence[Floats]) -> dict[int, Break]:
    """Every concept that a task broke, by its place.

    Args:
        rows: as `series` takes them.
    """
    found = {concept: broken_by(series(rows, concept)) for concept in range(len(rows[-1]))}
    return {concept: broke for concept, broke in found.items() if broke is not None}


def lasting(rows: Sequence[Floats]) -> dict[int, Break]:
    """Those of `breaks` that no later task made good."""
    return {k: broke for k, broke in breaks(rows).items() if not broke.is_made_good(float(rows[-1][k]))}


def weights_over_time(heads: Sequence[Floats], concept: int) -> Floats:
    """One concept's weight to every class after each task, [T, C]; NaN where class or concept was not there yet.

    Args:
        heads: after each task the head [C_t, K_t]; classes keep their place as concepts do.
    """
    found = np.full((len(heads), len(heads[-1]) if heads else 0), np.nan)
    for t, head in enumerate(heads):
        if concept < head.shape[1]:
            found[t, : len(head)] = head[:, concept]
    return found


def strongest(weights: Floats, count: int) -> Ints:
    """The classes that ever had the largest weights, largest first, at most `count`; those without any are left out.

    Args:
        weights: [T, C], from `weights_over_time`.
    """
    if not weights.size:
        return np.zeros(0, np.int64)
    most = np.nan_to_num(np.abs(weights)).max(0)  # [C]
    order = np.argsort(-most, kind="stable")[:count]
    return np.asarray(order[most[order] > 0], np.int64)


def users(head: Floats, share: float = USED) -> Bools:
    """Which class uses which concept, [C, K]: its weight is at least `share` of the class's largest.

    Args:
        head: [C, K].
    """
    sizes = np.abs(head)
    largest = sizes.max(1, keepdims=True, initial=0.0)  # [C, 1]
    return np.asarray((sizes >= share * largest) & (sizes > 0), np.bool_)


def turns(rows: Sequence[Floats | None]) -> Floats:
    """How far a direction turned at each task, [T]: 1 - cosine to the one before, 0..2; NaN where there is none.

    Args:
        rows: after each task the concept's row [D], None before it was learnt; none of length 0.
    """
    found = np.full(len(rows), np.nan)
    for t in range(1, len(rows)):
        before, now = rows[t - 1], rows[t]
        if before is not None and now is not None:
            cosine = float(before @ now) / float(np.linalg.norm(before) * np.linalg.norm(now))
            found[t] = 1.0 - min(cosine, 1.0)
    return found
