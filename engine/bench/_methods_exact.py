"""`methods.exact`: the closed forms of `engine.methods` against independent ones, on the demo's embeddings.

And the independent trial: after every task a classifier of all images so far, in numpy and scikit-learn. Classes come
as the demo lists them. `text_lda` is a discriminant on the cosines with all listed texts, of which nothing is learnt.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import mean

import numpy as np

from engine.bench._methods_independent import CLASSIFIERS, Doubles, Part, Scorer, lda, ridge_weights
from engine.bench.figure import Figure, measured
from engine.data.streams import VAL
from engine.metrics import accuracy as measures
from engine.params import Value
from engine.session.lab import Lab
from engine.training.material import Sample

SPLITS = ("test", "moved")
TRIAL: Mapping[str, tuple[float, float | None, float]] = {
    "slda": (90.2, 4.4, 32.8),
    "ranpac": (90.7, 4.2, 65.8),
    "text_lda": (90.1, 4.4, 30.6),
    "ncm": (89.5, None, 78.9),
}
"""Last, forgetting and last with habitats moved that another hand measured on three seeds (issue 14)."""
CHECKED = ("ncm", "slda", "gda", "ranpac")
"""Registered methods that have an independent twin of their name."""
RECURSIONS: Mapping[str, Mapping[str, Value]] = {"acil": {"random_features": 0}}
"""Registered methods that are a ridge regression of all images, with the settings that make it one on embeddings."""
_EXACT = 1e-6
_NEAR, _NEAR_MOVED = 0.5, 3.0
"""Points that ours may differ from an independent computation, and from what the trial found of moved birds."""


@dataclass(frozen=True)
class Embedded:
    """The embeddings of a run, as numbers.

    Attributes:
        lab: the run.
    """

    lab: Lab

    def part(self, split: str, task: int) -> Part:
        """Images of the tasks up to one; `"train"` too."""
        lab = self.lab
        return as_part(lab.train(task) if split == "train" else lab.sample(split, task))

    @cached_property
    def tasks(self) -> int:
        """How many."""
        return len(self.lab.stream.tasks)

    def texts(self, task: int) -> Doubles:
        """All texts listed for the classes of the tasks up to one, [K, D]."""
        banks = [self.lab.gatherer.candidates(one) for one in self.lab.stream.tasks[: task + 1]]
        return np.concatenate([bank.embeddings.numpy() for bank in banks]).astype(np.float64)

    def text_lda(self, task: int) -> Scorer:
        """scikit-learn's discriminant on the cosines with those texts."""
        texts = self.texts(task)
        features, labels = self.part("train", task)
        scorer = lda((features @ texts.T, labels), (features, labels))
        return lambda given: scorer(given @ texts.T)

    def rows(self, scorers: Sequence[Scorer], split: str) -> Doubles:
        """Accuracy of the classifier after each task on each task, [T, T]."""
        owners, rows = self.lab.stream.task_of_position, []
        for task, scorer in enumerate(scorers):
            features, labels = self.part(split, task)
            rows.append(measures.class_il(scorer(features), labels, owners))
        return measures.accuracy_matrix(rows)


def as_part(sample: Sample) -> Part:
    """Features and labels in double precision."""
    return sample.features.numpy().astype(np.float64), np.asarray(sample.labels.numpy(), np.int64)


def classifiers(embedded: Embedded) -> dict[str, list[Scorer]]:
    """Every independent classifier after each task."""
    tasks = range(embedded.tasks)
    found = {
        name: [make(embedded.part("train", task), embedded.part(VAL, task)) for task in tasks]
        for name, make in CLASSIFIERS.items()
    }
    return {**found, "text_lda": [embedded.text_lda(task) for task in tasks]}


def figures(labs: Mapping[str, Sequence[Lab]]) -> Iterator[Figure]:
    """Accuracies of the independent classifiers, and how far the registered methods of the same name are from them.

    Args:
        labs: finished runs by method, in the order of the seeds; `"ncm"` must be there.
    """
    seen = [Embedded(lab) for lab in labs["ncm"]]
    made = [classifiers(one) for one in seen]
    for name in made[0]:
        last = {}
        for split in SPLITS:
            matrices = [one.rows(each[name], split) for one, each in zip(seen, made, strict=True)]
            sizes = [lab.view.test_sizes(split) for lab in labs["ncm"]]
            last[split] = [100 * measures.last_accuracy(*each) for each in zip(matrices, sizes, strict=True)]
            if split == "test":
                lost = [100 * measures.forgetting(matrix) for matrix in matrices]
        yield from _beside_the_trial(name, last["test"], lost, last["moved"])
        if name in labs:
            yield from _beside_ours(name, labs[name], last)


def _beside_the_trial(
    name: str, last: Sequence[float], lost: Sequence[float], moved: Sequence[float]
) -> Iterator[Figure]:
    aims = TRIAL.get(name, (None, None, None))
    words = ("last", "forgetting", "last_moved")
    for word, values, aim in zip(words, (last, lost, moved), aims, strict=True):
        near = _NEAR_MOVED if word == "last_moved" else _NEAR
        figure = measured(f"methods.exact.{name}.{word}", values, "points" if word == "forgetting" else "%")
        met = None if aim is None else abs(mean(values) - aim) <= near
        yield replace(figure, target="" if aim is None else f"{aim:g} within {near:g}", met=met)


def _beside_ours(name: str, labs: Sequence[Lab], last: Mapping[str, Sequence[float]]) -> Iterator[Figure]:
    """The largest distance over the seeds between a run's last accuracy and the independent one."""
    for split in SPLITS:
        told = [100 * float(lab.view.summary(split)["last_accuracy"] or 0.0) for lab in labs]
        gap = max(abs(ours - theirs) for ours, theirs in zip(told, last[split], strict=True))
        yield measured(f"methods.exact.{name}.gap_{split}", [gap], "points", most=_NEAR)


def ridge_gaps(name: str, labs: Sequence[Lab]) -> Iterator[Figure]:
    """The largest distance of a recursion's logits on test images from those of the ridge of all images at once.

    Args:
        labs: finished runs of a method that regresses on the embedding itself, with a setting `gamma`.
    """
    yield measured(f"methods.exact.{name}.ridge_gap", [max(map(_ridge_gap, labs))], "", most=_EXACT)


def _ridge_gap(lab: Lab) -> float:
    embedded = Embedded(lab)
    last = embedded.tasks - 1
    weights = ridge_weights(embedded.part("train", last), float(lab.config.settings["gamma"]))
    sample = lab.sample("test", last)
    ours = lab.snapshot(last).from_features(sample.features).logits.numpy()
    return float(np.abs(ours - as_part(sample)[0] @ weights.T).max())
