"""All it takes to intervene on a run's images: scales, units, correlations and what a person would truly say.

Test images are only what is intervened on. What present and absent mean is measured on one of two kinds of evidence
(`engine.interventions.evidence`): labelled validation images of all tasks, or the newest task's training images without
labels, which is all that a learner without stored images has.

There are three truths. *The picture*: what this very image shows. *The class*: what its class usually shows, the field
guide's truth, which is what "intervention" means in most of the literature (Koh et al. 2020 give all images of a CUB
species the concepts of the majority). It has two faults: where classes differ in it, and they do, it names the class;
and of a bird that has moved it says where the class lives, not where the bird is. *The kind* mends the second: what the
class usually shows, in the place that this image shows. On images whose birds vary all three differ, and so does what
clicks are worth: a model that is right about an odd bird is not helped by hearing how odd it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Bools, Floats, Ints
from engine.data.aviary.world import SETTING
from engine.data.streams import TRAIN, VAL
from engine.errors import NotApplicable
from engine.interventions.base import Head, units_of
from engine.interventions.curves import Instances, answers_of, noise_of
from engine.interventions.evidence import LABELLED, LEVELS, Evidence
from engine.interventions.levels import Levels, levels
from engine.interventions.propagation import (
    Correlations,
    from_errors,
    from_scores,
    from_statistics,
)
from engine.methods.base import METHODS

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab
    from engine.training.material import Sample

PICTURE, KIND, CLASS = "picture", "kind", "class"
TRUTHS = (PICTURE, KIND, CLASS)
"""What a person may know, from what the picture alone tells to what names the class."""
_USUAL = 0.5
"""A class has what more than this share of its training images show."""


@dataclass(frozen=True, slots=True)
class InterventionSetup:
    """What one model is intervened on with.

    Attributes:
        snapshot: the model.
        head: its last layer, in double precision; of no image, so without what a side channel adds (see `Head.of`).
        levels: what present and absent mean.
        units: the facts a person can be asked about: every concept is in one.
        correlations: how other concepts follow.
        known: for which concepts somebody can know the truth, [K].
        evidence: what levels and correlations were measured on.
    """

    snapshot: Snapshot
    head: Head
    levels: Levels
    units: tuple[Ints, ...]
    correlations: Correlations
    known: Bools
    evidence: Evidence

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


def intervention_setup(lab: Lab, task: int, evidence: str = LABELLED.name) -> InterventionSetup:
    """Measure the model after `task`.

    Args:
        evidence: one of `engine.interventions.evidence.LEVELS`.

    Raises:
        NotApplicable: the task is not finished, or the run learns no concepts.
    """
    reason = why_not(lab)
    if reason:
        raise NotApplicable(f"run {lab.view.id}", reason, "Choose a run of another method")
    snapshot = lab.snapshot(task)
    scores, truth, known = _measured_on(lab, task, evidence)
    scale = levels(scores, truth, known)
    return InterventionSetup(
        snapshot,
        Head(np.asarray(snapshot.head.numpy(), np.float64), np.asarray(snapshot.bias.numpy(), np.float64)),
        scale,
        units_of([concept.truth for concept in snapshot.bank.concepts]),
        _correlations(snapshot, scores, truth, scale.known),
        known,
        LEVELS[evidence],
    )


def levels_of(lab: Lab, task: int) -> Levels:
    """What "present" and "absent" mean as scores of the model after `task`, by labelled validation images."""
    return levels(*_measured_on(lab, task, LABELLED.name))


def _measured_on(lab: Lab, task: int, evidence: str) -> tuple[Floats, Bools | None, Bools]:
    """Scores of the images [N, K], what they show [N, K] or None where nobody says, and what can be known [K]."""
    snapshot = lab.snapshot(task)
    sample = lab.sample(VAL, task) if evidence == LABELLED.name else lab.fresh(task)
    scores = np.asarray(snapshot.from_features(sample.features).scores.numpy(), np.float64)
    truth, known = lab.truth(VAL, sample.rows, snapshot.bank)
    told = known.any() and LEVELS[evidence].concept_labels
    return scores, truth if told else None, known


def _correlations(snapshot: Snapshot, scores: Floats, truth: Bools | None, known: Bools) -> Correlations:
    if truth is not None and known.any():
        return from_errors(scores, truth, known)
    kept = snapshot.classes.covariances
    if kept.kept:
        import torch

        rows, means = snapshot.bottleneck.double().numpy(), snapshot.classes.means.double().numpy()
        return from_statistics(rows, means, kept.mean(torch.float64).numpy())
    return from_scores(scores)


def field_guide(lab: Lab, snapshot: Snapshot) -> Bools:
    """What each class usually shows, by its training images, [C, K]; False where nobody knows."""
    split = lab.dataset.splits[TRAIN]
    rows = np.flatnonzero(np.isin(split.labels, snapshot.class_ids))
    truth, _ = lab.truth(TRAIN, rows, snapshot.bank)
    labels = split.labels[rows]
    return np.stack([truth[labels == c].mean(0) > _USUAL for c in snapshot.class_ids])


def truth_of(lab: Lab, snapshot: Snapshot, split: str, sample: Sample, which: str) -> Bools:
    """What a person would truly say of every concept, [N, K].

    Args:
        which: one of `TRUTHS`.
    """
    shown = lab.truth(split, sample.rows, snapshot.bank)[0]
    if which == PICTURE:
        return shown
    usual: Bools = field_guide(lab, snapshot)[sample.labels.numpy()]
    return np.where(about_the_place(lab, snapshot), shown, usual) if which == KIND else usual


def about_the_place(lab: Lab, snapshot: Snapshot) -> Bools:
    """Which concepts are about where a bird is and not about the bird, [K]."""
    groups = lab.dataset.truth_groups
    columns = [concept.truth for concept in snapshot.bank.concepts]
    return np.array([column is not None and groups[column] == SETTING for column in columns], np.bool_)


def telling(lab: Lab, here: InterventionSetup) -> int:
    """Classes that their usual concepts tell apart from all others: who says these of a picture names its class."""
    guide = field_guide(lab, here.snapshot)[:, here.known]
    rows, counts = np.unique(guide, axis=0, return_counts=True)
    return int((counts == 1).sum()) if len(rows) else 0


def instances(
    lab: Lab,
    here: InterventionSetup,
    split: str,
    which: str,
    *,
    competence: float = 1.0,
    follow: bool = False,
    seed: int = 0,
) -> Instances:
    """The images of a split with a person at their side. Only facts with a truth are asked about.

    Args:
        which: one of `TRUTHS`.
        competence: how often the person is right, 0..1.
        follow: whether correlated concepts follow.

    Raises:
        NotApplicable: nobody knows the truth.
    """
    reason = why_no_truth(lab)
    if reason:
        raise NotApplicable(f"run {lab.view.id}", reason, "Choose a run on the Aviary")
    sample = lab.sample(split, here.snapshot.task)
    units = units_of([concept.truth for concept in here.snapshot.bank.concepts], here.known)
    truth = truth_of(lab, here.snapshot, split, sample, which)
    facts = np.stack([truth[:, unit[0]] for unit in units], axis=1)  # [N, U]
    return Instances(
        here.scores(sample),
        np.asarray(sample.labels.numpy(), np.int64),
        answers_of(facts, competence, seed),
        here.head.of(here.snapshot.side, sample.features),
        here.levels,
        units,
        here.correlations if follow else None,
        noise_of(facts.shape, seed),
    )
