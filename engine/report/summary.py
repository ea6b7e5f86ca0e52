"""A run in a few plain sentences and numbers, for who reads nothing else."""

from __future__ import annotations

import math
from typing import NamedTuple

from engine.metrics import accuracy as metrics
from engine.metrics.chance import guessed
from engine.metrics.wording import UNITS, percent, points, shown
from engine.runs.catalog import method_info
from engine.runs.suited import stranger
from engine.session.facts import RunFacts
from engine.session.floor import floor

TERMS = ("last_accuracy", "average_accuracy", "forgetting")
"""Metrics whose numbers are in the summary."""


class Number(NamedTuple):
    """A number with its name, and what stands smaller below it."""

    name: str
    value: str
    others: tuple[str, ...]


def title(facts: RunFacts) -> str:
    """What the run is called."""
    return facts.view.name.strip() or facts.view.id


def sentences(facts: RunFacts) -> str:
    """The run in words."""
    view, tasks = facts.view, facts.moment + 1
    classes, config = len(view.class_ids_seen(facts.moment)), view.config
    last, _, lost = _numbers(facts, "test")
    what = "species of the Aviary, birds painted for this purpose" if config.dataset == "aviary" else "classes"
    told = [
        f"This model learnt {classes} {what}, in {tasks} task{'s' if tasks > 1 else ''}, one after the other.",
        f"It learnt by {method_info(config.method).title.rstrip('.')}, on the embeddings of {config.backbone}.",
        f"Now it gets {percent(last)} of the test images right, choosing among all {classes}{_chance(facts)}.",
    ]
    if math.isfinite(lost):
        moved_on = f"lost {points(lost, 1)} since" if lost >= 0 else f"gained {points(lost, 1)} on"
        told.append(f"On average a task has {moved_on} its best moment before.")
    if facts.has_moved:
        moved = _numbers(facts, "moved")[0]
        told.append(f"Put into habitats where they do not live, {percent(moved)} of the birds are still recognised.")
    if found := stranger(config):
        told.append(f"{found.headline}. {found.detail}.")
    return " ".join(told)


def numbers(facts: RunFacts) -> list[Number]:
    """The usual numbers, to be written large."""
    ordinary = _numbers(facts, "test")
    moved = _numbers(facts, "moved") if facts.has_moved else None
    found = []
    for at, name in enumerate(TERMS):
        others = [f"{shown(name, moved[at])} with habitats moved"] if moved else []
        others += [floor(facts.store, facts.view, "test", facts.moment).words] if name == "forgetting" else []
        found.append(Number(UNITS[name][0], shown(name, ordinary[at]), tuple(filter(None, others))))
    return found


def _numbers(facts: RunFacts, split: str) -> tuple[float, float, float]:
    """Last and average accuracy and forgetting up to the moment, choosing among all classes seen."""
    matrix = metrics.until(facts.view.accuracy(split, "class_il"), facts.moment)
    sizes = facts.view.test_sizes(split)
    last, average = metrics.last_accuracy(matrix, sizes), metrics.average_incremental_accuracy(matrix, sizes)
    return last, average, metrics.forgetting(matrix)


def _chance(facts: RunFacts) -> str:
    counts = facts.view.confusion(facts.moment)
    is_chance = guessed(int(counts.trace()), int(counts.sum()), len(counts))
    return ", which is no more than guessing gives" if is_chance else ""
