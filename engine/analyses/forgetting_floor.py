"""How much of forgetting is more classes to choose among: what a joint head and a Bayes-optimal answer lose as well."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.array_types import Floats
from engine.data.aviary.bayes import log_likelihoods
from engine.data.aviary.world import Aviary, AviarySplit
from engine.data.streams import VAL
from engine.interventions.evidence import JOINT, Evidence
from engine.metrics.accuracy import class_il
from engine.records.answers import Returns
from engine.records.forms import share, text
from engine.steps import Step

if TYPE_CHECKING:
    from engine.session.lab import Lab
    from engine.training.material import Sample

MOVED = "moved"
"""The split in which no bird is at home."""


@ANALYSES.register
@dataclass(frozen=True)
class ForgettingFloor(Analysis):
    """What is lost to more classes alone.

    After every task the same test images are put to two references that forget nothing, choosing among all classes
    seen so far. *Joint*: a linear discriminant on the run's embeddings, fitted to the training images of all classes so
    far; it keeps every image, so it is a reference and not a method. *Bayes*: the most probable species given the
    bird's true attributes and the rule by which the birds of that split come about (`engine.data.aviary.bayes`).

    Result: `joint` and `bayes`, by test split accuracy after task t on task k; NaN above the diagonal, and in `bayes`
    where the data are not the Aviary's.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "split": text("S", among="splits", exact=True),
            "joint": share("S", "T", "T", nan=True),
            "bayes": share("S", "T", "T", nan=True),
        }
    )

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """What the joint head is fitted to."""
        return (JOINT,)

    def run(self, lab: Lab, task: int) -> Answering:
        """Task by task."""
        splits = [split for split in lab.splits if split != VAL]
        shape = len(splits), task + 1, task + 1
        joint, bayes = np.full(shape, np.nan), np.full(shape, np.nan)
        for t in range(task + 1):
            yield Step(t, task + 1, f"references after task {t + 1}")
            weights, bias = yield from _joint_head(lab, t)
            for s, split in enumerate(splits):
                sample = lab.sample(split, t)
                logits = np.asarray(sample.features.double().numpy() @ weights.T + bias, np.float64)
                joint[s, t, : t + 1] = _accuracies(lab, logits, sample)
                if isinstance(lab.dataset, Aviary):
                    known = _likelihoods(lab.dataset, lab, split, sample, t)
                    bayes[s, t, : t + 1] = _accuracies(lab, known, sample)
        return {"split": np.array(splits, np.str_), "joint": joint, "bayes": bayes}


def _joint_head(lab: Lab, task: int) -> Generator[Step, None, tuple[Floats, Floats]]:
    """Weights [C, D] and bias [C] of the linear discriminant on all training images up to a task."""
    from engine.interventions.repair import discriminant
    from engine.model.statistics import class_statistics

    sample = lab.train(task)
    features, labels = sample.features.double(), sample.labels
    classes = int(labels.max()) + 1
    kept = class_statistics(features, labels, 0, features.new_zeros(classes, 1), None)
    yield Step(task, task + 1, f"fitting a joint head to {classes} classes")
    centred = features - kept.means[labels]  # [N, D]
    within = centred.T @ centred / len(centred)
    weights, bias = discriminant(kept.means, within, float(within.diagonal().mean()), 0.0)
    return weights.numpy(), bias.numpy()


def _likelihoods(data: Aviary, lab: Lab, split: str, sample: Sample, task: int) -> Floats:
    """Log likelihood of each image's true attributes under every species learnt up to a task, [N, C]."""
    images = data.splits[split]
    assert isinstance(images, AviarySplit)  # the Aviary has no others
    learnt = tuple(data.kinds[i] for i in lab.view.class_ids_seen(task))
    at_home = 0.0 if split == MOVED else data.habitat_fidelity
    return log_likelihoods(images.codes[sample.rows], learnt, data.variation, at_home)


def _accuracies(lab: Lab, logits: Floats, sample: Sample) -> Floats:
    return class_il(logits, np.asarray(sample.labels.numpy(), np.int64), lab.stream.task_of_position)
