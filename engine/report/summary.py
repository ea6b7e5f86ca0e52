"""A run in a few plain sentences and numbers, for who reads nothing else."""

from __future__ import annotations

import math

from engine.figures.look import MINUS, percent
from engine.metrics import accuracy as metrics
from engine.report.marks import safe
from engine.runs.catalog import method_info
from engine.runs.dossier import Dossier
from engine.runs.floor import floor

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
        f"Now it gets {percent(last)} of the test images right, choosing among all {classes}.",
    ]
    if math.isfinite(lost):
        moved_on = f"lost {_points(lost)} since" if lost >= 0 else f"gained {_points(-lost)} on"
        told.append(f"On average a task has {moved_on} its best moment before.")
    if dossier.has_moved:
        moved = _numbers(dossier, "moved")[0]
        told.append(f"Put into habitats where they do not live, {percent(moved)} of the birds are still recognised.")
    words = safe(" ".join(told)).replace(" %", "&nbsp;%")
    return f"<p>{words}</p>"


def numbers(dossier: Dossier) -> str:
    """The usual numbers, large, as HTML."""
    ordinary = _numbers(dossier, "test")
    moved = _numbers(dossier, "moved") if dossier.has_moved else None
    names = ("Last accuracy", "Average accuracy", "Forgetting")
    cells = []
    for at, name in enumerate(names):
        word = _points if name == "Forgetting" else _percent
        other = f"<dd class='pl-other'>{word(moved[at])} with habitats moved</dd>" if moved else ""
        references = floor(dossier.store, dossier.view, "test", dossier.moment).words if name == "Forgetting" else ""
        other += f"<dd class='pl-other'>{references}</dd>" if references else ""
        cells.append(f"<div><dt>{name}</dt><dd>{word(ordinary[at])}</dd>{other}</div>")
    return f"<dl class='pl-kpis'>{''.join(cells)}</dl>"


def _numbers(dossier: Dossier, split: str) -> tuple[float, float, float]:
    """Last and average accuracy and forgetting up to the moment, choosing among all classes seen."""
    matrix = metrics.until(dossier.view.accuracy(split, "class_il"), dossier.moment)
    sizes = dossier.view.test_sizes(split)
    last, average = metrics.last_accuracy(matrix, sizes), metrics.average_incremental_accuracy(matrix, sizes)
    return last, average, metrics.forgetting(matrix)


def _percent(value: float) -> str:
    return percent(value, 1) if math.isfinite(value) else "not known"


def _points(value: float) -> str:
    return f"{100 * value:.1f} points".replace("-", MINUS) if math.isfinite(value) else "not known yet"
