"""All it takes to intervene on a run's images: scales, units, correlations and what a person would truly say.

Everything measured here comes from validation images; test images are only what is intervened on.

There are two truths. *The picture*: what this very image shows. *The class*: what its class usually shows, the field
guide's truth, which is what "intervention" means in most of the literature (Koh et al. 2020 give all images of a CUB
species the concepts of the majority). On images whose birds vary the two differ, and so does what clicks are worth: a
model that is right about an odd bird is not helped by hearing how odd it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.data.streams import TRAIN
from engine.errors import NotApplicable
from engine.interventions.base import Head, Ints, units_of
from engine.interventions.curves import Patients, answers_of, noise_of
from engine.interventions.levels import Bools, Floats, Levels, levels
from engine.interventions.propagation import (
    Correlations,
    from_errors,
    from_scores,
    from_statistics,
)
from engine.methods.base import METHODS
from engine.model.snapshot import Snapshot
from engine.runs.lab import VAL, Lab
from engine.runs.material import Sample

PICTURE, CLASS = "picture", "class"
"""The two truths."""
TRUTHS = (CLASS, PICTURE)
_USUAL = 0.5
"""A class has what more than this share of its training images show."""


@dataclass(frozen=True, slots=True)
class Bedside:
    """What one model is intervened on with.

    Attributes:
        snapshot: the model.
        head: its last layer, in double precision.
        levels: what present and absent mean.
        units: the facts a person can be asked about: every concept is in one.
        correlations: how other concepts follow.
    """

    snapshot: Snapshot
    head: Head
    levels: Levels
    units: tuple[Ints, ...]
    correlations: Correlations

    def scores(self, sample: Sample) -> Floats:
        """Concept scores of images, float64 [N, K]."""
        return np.asarray(self.snapshot.from_features(sample.features).scores.numpy(), np.float64)


def why_not(lab: Lab) -> str | None:
    """Why concepts of this run's model cannot be set, or None."""
    if METHODS.get(lab.config.method).learns_concepts:
        return None
    return "its method learns no concepts: the rows of its model are classes, so there is no concept to set"


def why_no_truth(lab: Lab) -> str | None:
    """Why nobody can be simulated who answers truly, or None."""
    if any(split.truth is not None for split in lab.dataset.splits.values()):
        return why_not(lab)
    return "its data do not say which concepts are true of an image, so there is no true answer to give"


def bedside(lab: Lab, task: int) -> Bedside:
    """Measure the model after `task` on its validation images.

    Raises:
        NotApplicable: the task is not finished, or the run learns no concepts.
    """
    reason = why_not(lab)
    if reason:
        raise NotApplicable(f"run {lab.view.id}", reason, "Choose a run of another method")
    snapshot, sample = lab.snapshot(task), lab.sample(VAL, task)
    scores = np.asarray(snapshot.from_features(sample.features).scores.numpy(), np.float64)
    truth, _ = lab.truth(VAL, sample.rows, snapshot.bank)
    scale = levels_of(lab, task)
    return Bedside(
        snapshot,
        Head(np.asarray(snapshot.head.numpy(), np.float64), np.asarray(snapshot.bias.numpy(), np.float64)),
        scale,
        units_of([concept.truth for concept in snapshot.bank.concepts]),
        _correlations(snapshot, scores, truth, scale.known),
    )


def levels_of(lab: Lab, task: int) -> Levels:
    """What "present" and "absent" mean as scores of the model after `task`, measured on its validation images."""
    snapshot, sample = lab.snapshot(task), lab.sample(VAL, task)
    scores = np.asarray(snapshot.from_features(sample.features).scores.numpy(), np.float64)
    truth, known = lab.truth(VAL, sample.rows, snapshot.bank)
    return levels(scores, truth if known.any() else None, known)


def _correlations(snapshot: Snapshot, scores: Floats, truth: Bools, known: Bools) -> Correlations:
    if known.any():
        return from_errors(scores, truth, known)
    kept = snapshot.classes.covariances
    if kept.shape[-1]:
        rows, means = snapshot.bottleneck.double().numpy(), snapshot.classes.means.double().numpy()
        return from_statistics(rows, means, kept.double().numpy())
    return from_scores(scores)


def field_guide(lab: Lab, snapshot: Snapshot) -> Bools:
    """What each class usually shows, by its training images, [C, K]; False where nobody knows."""
    split = lab.dataset.splits[TRAIN]
    rows = np.flatnonzero(np.isin(split.labels, snapshot.class_ids))
    truth, _ = lab.truth(TRAIN, rows, snapshot.bank)
    labels = split.labels[rows]
    return np.stack([truth[labels == c].mean(0) > _USUAL for c in snapshot.class_ids])


def truth_of(lab: Lab, snapshot: Snapshot, split: str, sample: Sample, which: str) -> Bools:
    """What a person would truly say of every concept, [N, K]."""
    if which == CLASS:
        usual: Bools = field_guide(lab, snapshot)[sample.labels.numpy()]
        return usual
    return lab.truth(split, sample.rows, snapshot.bank)[0]


def patients(
    lab: Lab, here: Bedside, split: str, which: str, *, competence: float = 1.0, follow: bool = False, seed: int = 0
) -> Patients:
    """The images of a split with a person at their side. Only facts with a truth are asked about.

    Args:
        which: `"picture"` or `"class"`.
        competence: how often the person is right, 0..1.
        follow: whether correlated concepts follow.

    Raises:
        NotApplicable: nobody knows the truth.
    """
    reason = why_no_truth(lab)
    if reason:
        raise NotApplicable(f"run {lab.view.id}", reason, "Choose a run on the Aviary")
    sample = lab.sample(split, here.snapshot.task)
    units = units_of([concept.truth for concept in here.snapshot.bank.concepts], here.levels.known)
    truth = truth_of(lab, here.snapshot, split, sample, which)
    facts = np.stack([truth[:, unit[0]] for unit in units], axis=1)  # [N, U]
    return Patients(
        here.scores(sample),
        np.asarray(sample.labels.numpy(), np.int64),
        answers_of(facts, competence, seed),
        here.head,
        here.levels,
        units,
        here.correlations if follow else None,
        noise_of(facts.shape, seed),
    )
