"""One image on the table: what the model says of it, and what a person would truly say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from engine.figures.heat import data_address
from engine.interventions.base import softmax
from engine.interventions.levels import Bools, Floats

if TYPE_CHECKING:
    from engine.analyses.bedside import Bedside
    from engine.runs.lab import Lab
    from engine.runs.subjects import Subject

PICTURE, CLASS = "picture", "class"
"""The two truths, as `engine.analyses.bedside` calls them (which would load torch)."""
_SIDE = 380
"""Pixels of the picture, for sharp screens."""


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
        return weights * (self.scores - self.bed.correlations.mean)


def examined(lab: Lab, moment: int, subject: Subject) -> Patient:
    """Show an image to the model after a moment."""
    bed, guide = _bed(lab.view.id, moment, lab)
    scores = np.asarray(bed.snapshot.from_features(subject.feature[None]).scores[0].numpy(), np.float64)
    names = tuple(lab.dataset.class_names[c] for c in bed.snapshot.class_ids)
    return Patient(subject, bed, scores, guide, names)


@st.cache_resource(show_spinner="Measuring what present and absent mean", max_entries=8)
def _bed(run: str, moment: int, _lab: Lab) -> tuple[Bedside, Bools]:
    from engine.analyses.bedside import bedside, field_guide

    found = bedside(_lab, moment)
    return found, field_guide(_lab, found.snapshot) if found.levels.known.any() else np.zeros((0, 0), np.bool_)


@st.cache_data(show_spinner=False, max_entries=64)
def picture(run: str, ref: str, _lab: Lab) -> str:
    """The image for people, as a data address."""
    from engine.runs.subjects import picture as drawn

    return data_address(drawn(_lab, ref, _SIDE))
