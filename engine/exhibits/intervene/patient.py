"""One image on the table: what the model says of it, and what a person would truly say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from engine.interventions.acts import Acts, Outcome, outcome
from engine.interventions.base import softmax
from engine.interventions.evidence import LABELLED
from engine.interventions.levels import Bools, Floats

if TYPE_CHECKING:
    from engine.analyses.bedside import Bedside
    from engine.runs.lab import Lab
    from engine.runs.subjects import Subject

PICTURE, CLASS = "picture", "class"
"""The two truths, as `engine.analyses.bedside` calls them (which would load torch)."""


@dataclass(frozen=True)
class Ward:
    """A model after a task, and what interventions on it need; the same for every image.

    Attributes:
        bed: the model, its scales and correlations.
        guide: what each class usually shows, [C, K]; empty where nobody knows.
        names: of the classes, in the order of learning.
    """

    bed: Bedside
    guide: Bools
    names: tuple[str, ...]


@dataclass(frozen=True)
class Patient:
    """An image, and the model it is shown to.

    Attributes:
        subject: the image.
        bed: the model, its scales and correlations.
        scores: of its concepts, [K].
        guide: what each class usually shows, [C, K].
        names: of the classes, in the order of learning.
    """

    subject: Subject
    bed: Bedside
    scores: Floats
    guide: Bools
    names: tuple[str, ...]

    @property
    def label(self) -> int | None:
        """Its true class among those the model knows, or None."""
        label = self.subject.label
        return label if label is not None and label < len(self.names) else None

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The concepts' words; not escaped."""
        return tuple(concept.text for concept in self.bed.snapshot.bank.concepts)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The concepts' groups; not escaped."""
        return tuple(concept.group for concept in self.bed.snapshot.bank.concepts)

    @cached_property
    def truths(self) -> dict[str, Bools]:
        """What each truth says of every concept, [K]; without those that nobody knows."""
        found = {}
        if self.label is not None and self.known.any():
            found[CLASS] = self.guide[self.label]
        if self.subject.truth is not None and self.known.any():
            columns = [concept.truth or 0 for concept in self.bed.snapshot.bank.concepts]
            found[PICTURE] = self.subject.truth[columns] & self.known
        return found

    @cached_property
    def known(self) -> Bools:
        """For which concepts somebody could know the truth, [K]."""
        return np.array([concept.truth is not None for concept in self.bed.snapshot.bank.concepts], np.bool_)

    def shares(self, scores: Floats) -> Floats:
        """Probabilities of the classes at these concept scores, [C]."""
        return np.asarray(softmax(self.bed.head.logits(scores).astype(np.float32)), np.float64)

    def after(self, acts: Acts, follow: bool = True) -> Outcome:
        """What acts on its concepts make of its scores.

        Args:
            follow: whether correlated concepts follow.
        """
        return outcome(acts, self.scores, self.bed.levels, self.bed.correlations if follow else None)

    @cached_property
    def rival(self) -> int:
        """The class to compare with: the true one if it is missed, else the runner-up."""
        order = np.argsort(-self.bed.head.logits(self.scores))
        missed = self.label is not None and self.label != order[0]
        return int(self.label if missed and self.label is not None else order[min(1, len(order) - 1)])

    @cached_property
    def leaning(self) -> Floats:
        """What each concept adds to the prediction over its rival, against an average image, [K]."""
        first = int(self.bed.head.predicted(self.scores))
        weights = self.bed.head.weights[first] - self.bed.head.weights[self.rival]
        return np.asarray(weights * (self.scores - self.bed.correlations.mean), np.float64)


def ward(lab: Lab, moment: int, evidence: str = LABELLED.name) -> Ward:
    """Measure what present and absent mean for the model after a moment; takes about a second.

    Args:
        evidence: what it is measured on, one of `engine.interventions.evidence.LEVELS`.

    Raises:
        NotApplicable: the run learns no concepts.
    """
    from engine.analyses.bedside import bedside, field_guide

    bed = bedside(lab, moment, evidence)
    guide = field_guide(lab, bed.snapshot) if bed.known.any() else np.zeros((0, 0), np.bool_)
    return Ward(bed, guide, tuple(lab.dataset.class_names[c] for c in bed.snapshot.class_ids))


def examined(here: Ward, subject: Subject) -> Patient:
    """Show an image to a model."""
    scores = np.asarray(here.bed.snapshot.from_features(subject.feature[None]).scores[0].numpy(), np.float64)
    return Patient(subject, here.bed, scores, here.guide, here.names)


def examine(lab: Lab, moment: int, ref: str) -> Patient:
    """Show the image named `ref` (see `engine.runs.subjects`) to the model after a moment.

    Raises:
        BadInput: nothing has this name.
        NotApplicable: the run learns no concepts.
    """
    from engine.runs.subjects import subject

    return examined(ward(lab, moment), subject(lab, ref, moment))
