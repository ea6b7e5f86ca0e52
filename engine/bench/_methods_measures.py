"""What is measured of a method's finished run: what it reaches, what it forgets, what it costs and carries.

Everything by name, in per cent and percentage points, seconds, MiB and numbers; what does not apply is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
import torch

from engine.analyses.performing import answer
from engine.bench._methods_attacks import ascended, standing
from engine.bench._methods_control import beside_random_words
from engine.bench._methods_unlearning import unlearnt
from engine.data.streams import VAL
from engine.jobs.analyses import Question, Result, Settings
from engine.methods.base import METHODS
from engine.metrics.concepts import mean_known, nec, prune_head
from engine.model.size import size_of
from engine.model.snapshot import Snapshot
from engine.session.lab import Lab
from engine.training.material import Sample

Measures = dict[str, float]
NECS = (5, 10, 30)
"""Concepts a class at which the accuracy of a bottleneck is told."""
_SUMMARY = {
    "last": "last_accuracy",
    "average": "average_accuracy",
    "forgetting": "forgetting",
    "old": "old_accuracy",
    "new": "new_accuracy",
}


@dataclass(frozen=True, slots=True)
class Measuring:
    """One kind of question to a finished run.

    Attributes:
        of: answers it.
        sources: modules that decide the answer, beside those that decide the run.
        packages: of the engine, that decide the answer alone.
    """

    of: Callable[[Lab], Measures]
    sources: tuple[str, ...]
    packages: tuple[str, ...] = ()


def reached(lab: Lab) -> Measures:
    """Accuracies by split, forgetting, accuracy at few concepts a class, and costs."""
    task, found = lab.view.tasks_done - 1, Measures()
    for split in lab.view.splits:
        told = lab.view.summary(split)
        known = {word: told[name] for word, name in _SUMMARY.items()}
        found |= {_of_split(word, split): 100 * value for word, value in known.items() if value is not None}
    model = lab.view.snapshot(task, memory=True)
    found["val"] = 100 * float(lab.view.validation[task])
    if METHODS.get(lab.config.method).learns_concepts:
        found["nec"] = nec(model.head.numpy())
        cut = model.side is None or not model.side.through_concepts  # else concepts answer by another way too
        for split in (*lab.view.splits, VAL) if cut else ():
            found |= {_of_split(f"anec{count}", split): at_nec(lab, split, model, count) for count in NECS}
    return found | truth(lab, task) | costs(lab, model)


def truth(lab: Lab, task: int) -> Measures:
    """How well concepts are told, where the data say which are true: balanced accuracy and AUC, means over concepts."""
    known = lab.view.concept_metrics(task)
    if known is None:
        return {}
    told = {"concept_accuracy": known.accuracy, "concept_auc": known.auc}
    means = {name: mean_known(by_split["test"]) for name, by_split in told.items() if "test" in by_split}
    return {name: 100 * value for name, value in means.items() if not np.isnan(value)}


def _of_split(word: str, split: str) -> str:
    return word if split == "test" else f"{word}_{split}"


def at_nec(lab: Lab, split: str, model: Snapshot, count: int) -> float:
    """Per cent right when every class may use only its `count` strongest concepts; what bypasses them stays."""
    train, sample = lab.train(model.task), lab.sample(split, model.task)
    scores = model.from_features(train.features).scores.numpy().astype(np.float64)
    head = model.head.numpy().astype(np.float64), model.bias.numpy().astype(np.float64)
    weights, bias = (torch.from_numpy(part).float() for part in prune_head(*head, scores.mean(0), scores.std(0), count))
    return right(replace(model, head=weights, bias=bias), sample)


def right(model: Snapshot, sample: Sample) -> float:
    """Per cent of the images that a model is right of."""
    return 100 * float((model.from_features(sample.features).logits.argmax(1) == sample.labels).float().mean())


def costs(lab: Lab, model: Snapshot) -> Measures:
    """Seconds and memory of the training, numbers that answer, and numbers that it must carry to its next task."""
    timing, size = lab.view.timing, size_of(model)
    return {
        "seconds": sum(one.seconds for one in timing),
        "memory_mb": max(one.peak_memory_mb for one in timing),
        "parameters": float(size.parameters),
        "stored": float(size.stored),
    }


def refitted(lab: Lab) -> Measures:
    """Accuracy at few concepts a class of a sparse head that is fitted anew on the training images of all tasks."""
    found = _asked(lab, "sparse_accuracy", {"controls": 0})
    row, levels = found["splits"].tolist().index("test"), found["levels"].tolist()
    return {f"anec{count}_refitted": 100 * float(found["refitted"][levels.index(count), row]) for count in NECS}


def front(lab: Lab) -> Measures:
    """Accuracy on earlier tasks and on the newest, preference by preference, and whether that is on the front."""
    found = _asked(lab, "preference_front")
    row, told = found["split"].tolist().index("test"), Measures()
    for place, preference in enumerate(found["preference"].tolist()):
        for name in ("old", "newest", "every", "front"):
            told[f"newest_{preference:.2f}.{name}"] = 100 * float(found[name][row, place])
    return told


def routing(lab: Lab) -> Measures:
    """Share of boundaries noticed and of images routed to who learnt most of their class; false alarms a boundary."""
    found = _asked(lab, "task_boundaries")
    row, later = found["split"].tolist().index("test"), found["delay"][1:]
    shares = {name: float(np.nanmean(found[name][row])) for name in ("routing", "answered", "sent", "told")}
    noticed = float((later >= 0).mean()), float(found["false_alarms"]) / max(len(later), 1)
    return {name: 100 * value for name, value in {**shares, "noticed": noticed[0], "false_alarms": noticed[1]}.items()}


def _asked(lab: Lab, analysis: str, settings: Settings | None = None) -> Result:
    return answer(lab, Question(lab.view.id, lab.view.tasks_done - 1, analysis, settings or {}))


_ATTACKING = ("engine.bench._methods_attacks", "engine.analyses.under_attack")
KINDS: Mapping[str, Measuring] = {
    "run": Measuring(reached, ("engine.bench._methods_measures",)),
    "sparse": Measuring(refitted, ("engine.bench._methods_measures", "engine.analyses.sparse_accuracy")),
    "control": Measuring(beside_random_words, ("engine.bench._methods_control", "engine.analyses.random_words")),
    "front": Measuring(front, ("engine.bench._methods_measures",), ("analyses",)),
    "routing": Measuring(routing, ("engine.bench._methods_measures",), ("analyses",)),
    "unlearning": Measuring(unlearnt, ("engine.bench._methods_unlearning", "engine.analyses.unlearning")),
    "autoattack": Measuring(standing, _ATTACKING, ("attacks",)),
    "ascents": Measuring(ascended, _ATTACKING, ("attacks",)),
}
