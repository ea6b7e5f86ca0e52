"""One image on the table: what the model says of it, and what a person would truly say."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Bools, Floats
from engine.interventions.acts import Acts, ImageOutcome, outcome
from engine.interventions.evidence import LABELLED
from engine.model.probabilities import softmax

if TYPE_CHECKING:
    from engine.analyses.intervention_setup import InterventionSetup
    from engine.interventions.base import Head
    from engine.interventions.propagation import Correlations
    from engine.interventions.settling import Settling
    from engine.session.lab import Lab
    from engine.session.subjects import Subject

PICTURE, CLASS = "picture", "class"
"""The two truths, as `engine.analyses.intervention_setup` calls them (which would load torch)."""


@dataclass(frozen=True)
class GuidedModel:
    """A model after a task, and what interventions on it need; the same for every image.

    Attributes:
        setup: the model, its scales and correlations.
        guide: what each class usually shows, [C, K]; empty where nobody knows.
        names: of the classes, in the order of learning.
    """

    setup: InterventionSetup
    guide: Bools
    names: tuple[str, ...]


@dataclass(frozen=True)
class Instance:
    """An image, and the model it is shown to.

    Attributes:
        subject: the image.
        setup: the model, its scales and correlations.
        scores: of its concepts, [K].
        guide: what each class usually shows, [C, K].
        names: of the classes, in the order of learning.
    """

    subject: Subject
    setup: InterventionSetup
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
        return tuple(concept.text for concept in self.setup.snapshot.bank.concepts)

    @cached_property
    def groups(self) -> tuple[str, ...]:
        """The concepts' groups; not escaped."""
        return tuple(concept.group for concept in self.setup.snapshot.bank.concepts)

    @cached_property
    def truths(self) -> dict[str, Bools]:
        """What each truth says of every concept, [K]; without those that nobody knows."""
        found = {}
        if self.label is not None and self.known.any():
            found[CLASS] = self.guide[self.label]
        if self.subject.truth is not None and self.known.any():
            columns = [concept.truth or 0 for concept in self.setup.snapshot.bank.concepts]
            found[PICTURE] = self.subject.truth[columns] & self.known
        return found

    @cached_property
    def known(self) -> Bools:
        """For which concepts somebody could know the truth, [K]."""
        return np.array([concept.truth is not None for concept in self.setup.snapshot.bank.concepts], np.bool_)

    def shares(self, scores: Floats) -> Floats:
        """Probabilities of the classes at these concept scores, [C]."""
        return np.asarray(softmax(self.head.logits(scores).astype(np.float32)), np.float64)

    @cached_property
    def head(self) -> Head:
        """The model's last layer for this image."""
        return self.setup.head.of(self.setup.snapshot.side, self.subject.feature[None])

    def after(self, acts: Acts, follow: bool = True) -> ImageOutcome:
        """What acts on its concepts make of its scores.

        Args:
            follow: whether other concepts follow.
        """
        return outcome(acts, self.scores, self.setup.levels, self.following if follow else None)

    @cached_property
    def following(self) -> Correlations | Settling:
        """How other concepts follow: as the model's energies have it, else as they correlate."""
        from engine.interventions.settling import Settling
        from engine.model.side_channels.energies import Energies

        side = self.setup.snapshot.side
        return Settling(side, self.subject.feature) if isinstance(side, Energies) else self.setup.correlations

    @cached_property
    def rival(self) -> int:
        """The class to compare with: the true one if it is missed, else the runner-up."""
        order = np.argsort(-self.head.logits(self.scores))
        missed = self.label is not None and self.label != order[0]
        return int(self.label if missed and self.label is not None else order[min(1, len(order) - 1)])

    @cached_property
    def leaning(self) -> Floats:
        """What each concept adds to the prediction over its rival, against an average image, [K]."""
        first = int(self.head.predicted(self.scores))
        weights = self.head.weights[first] - self.head.weights[self.rival]
        return np.asarray(weights * (self.scores - self.setup.correlations.mean), np.float64)


def guided_model(lab: Lab, moment: int, evidence: str = LABELLED.name) -> GuidedModel:
    """Measure what present and absent mean for the model after a moment; takes about a second.

    Args:
        evidence: what it is measured on, one of `engine.interventions.evidence.LEVELS`.

    Raises:
        NotApplicable: the run learns no concepts.
    """
    from engine.analyses.intervention_setup import field_guide, intervention_setup

    setup = intervention_setup(lab, moment, evidence)
    guide = field_guide(lab, setup.snapshot) if setup.known.any() else np.zeros((0, 0), np.bool_)
    return GuidedModel(setup, guide, tuple(lab.dataset.class_names[c] for c in setup.snapshot.class_ids))


def examined(here: GuidedModel, subject: Subject) -> Instance:
    """Show an image to a model."""
    scores = np.asarray(here.setup.snapshot.from_features(subject.feature[None]).scores[0].numpy(), np.float64)
    return Instance(subject, here.setup, scores, here.guide, here.names)


def examine(lab: Lab, moment: int, ref: str) -> Instance:
    """Show the image named `ref` (see `engine.session.subjects`) to the model after a moment.

    Raises:
        BadInput: nothing has this name.
        NotApplicable: the run learns no concepts.
    """
    from engine.session.subjects import subject

    return examined(guided_model(lab, moment), subject(lab, ref, moment))
