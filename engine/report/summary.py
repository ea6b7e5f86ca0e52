"""A run in a few plain sentences and numbers, for who reads nothing else."""

from __future__ import annotations

import math

from engine.metrics import accuracy as metrics
from engine.metrics.chance import guessed
from engine.metrics.wording import UNITS, percent, points, shown
from engine.report.marks import safe
from engine.runs.catalog import method_info
from engine.runs.dossier import Dossier
from engine.runs.suited import stranger

TERMS = ("last_accuracy", "average_accuracy", "forgetting")
"""Metrics whose numbers are in the summary."""


def title(dossier: Dossier) -> str:
    """What the run is called."""
    return dossier.view.name.strip() or dossier.view.id


def sentences(dossier: Dossier) -> str:
    """The run in words, as HTML."""
    view, tasks = dossier.view, dossier.moment + 1
    classes, config = len(view.class_ids_seen(dossier.moment)), view.config
    last, _, lost = _numbers(dossier, "test")
    what = "species of the Aviary, birds painted for this purpose" if config.dataset == "aviary" else "classes"
    told = [
        f"This model learnt {classes} {what}, in {tasks} task{'s' if tasks > 1 else ''}, one after the other.",
        f"It learnt by {method_info(config.method).title.rstrip('.')}, on the embeddings of {config.backbone}.",
        f"Now it gets {percent(last)} of the test images right, choosing among all {classes}{_chance(dossier)}.",
    ]
    if math.isfinite(lost):
        moved_on = f"lost {points(lost, 1)} since" if lost >= 0 else f"gained {points(lost, 1)} on"
        told.append(f"On average a task has {moved_on} its best moment before.")
    if dossier.has_moved:
        moved = _numbers(dossier, "moved")[0]
        told.append(f"Put into habitats where they do not live, {percent(moved)} of the birds are still recognised.")
    if found := stranger(config):
        told.append(f"{found.headline}. {found.detail}.")
    words = safe(" ".join(told)).replace(" %", "&nbsp;%")
    return f"<p>{words}</p>"


def numbers(dossier: Dossier) -> str:
    """The usual numbers, large, as HTML."""
    ordinary = _numbers(dossier, "test")
    moved = _numbers(dossier, "moved") if dossier.has_moved else None
    cells = []
    for at, name in enumerate(TERMS):
        other = f"<dd class='pl-other'>{shown(name, moved[at])} with habitats moved</dd>" if moved else ""
        cells.append(f"<div><dt>{UNITS[name][0]}</dt><dd>{shown(name, ordinary[at])}</dd>{other}</div>")
    return f"<dl class='pl-kpis'>{''.join(cells)}</dl>"


def _numbers(dossier: Dossier, split: str) -> tuple[float, float, float]:
    """Last and average accuracy and forgetting up to the moment, choosing among all classes seen."""
    matrix = metrics.until(dossier.view.accuracy(split, "class_il"), dossier.moment)
    sizes = dossier.view.test_sizes(split)
    last, average = metrics.last_accuracy(matrix, sizes), metrics.average_incremental_accuracy(matrix, sizes)
    return last, average, metrics.forgetting(matrix)


def _chance(dossier: Dossier) -> str:
    counts = dossier.view.confusion(dossier.moment)
    is_chance = guessed(int(counts.trace()), int(counts.sum()), len(counts))
    return ", which is no more than guessing gives" if is_chance else ""
