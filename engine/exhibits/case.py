"""One picture before one model: everything that the exhibits about a single picture ask of the two."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.array_types import Floats
from engine.model.probabilities import softmax
from engine.session.uploads import PREFIX

if TYPE_CHECKING:
    from torch import Tensor

    from engine.explain.novelty import Novelty
    from engine.explain.story import Moment
    from engine.interventions.levels import Levels
    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab
    from engine.session.subjects import Subject

PLATE = 448
"""Pixels of the picture for people."""


@dataclass(frozen=True)
class Case:
    """A picture and the model after a task. Nothing is computed before it is asked for, and nothing twice.

    Attributes:
        lab: the run.
        moment: the task, from 0.
        subject: the picture.
    """

    lab: Lab
    moment: int
    subject: Subject

    # -- the model -----------------------------------------------------------------------------------------------------

    @cached_property
    def snapshot(self) -> Snapshot:
        """The model."""
        return self.lab.snapshot(self.moment)

    @cached_property
    def class_names(self) -> tuple[str, ...]:
        """Of all classes, by dataset index."""
        return tuple(self.lab.dataset.class_names)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Of the classes seen, by position."""
        return tuple(self.class_names[c] for c in self.snapshot.class_ids)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """What the concepts are called; a method whose rows stand for classes has their names in place of numbers."""
        listed = self.snapshot.bank.concepts
        suffixes = [f" of class {c.class_id}" for c in listed]
        return tuple(
            f"{c.text.removesuffix(end)} of {self.class_names[c.class_id]}" if c.text.endswith(end) else c.text
            for c, end in zip(listed, suffixes, strict=True)
        )

    # -- its answer ----------------------------------------------------------------------------------------------------

    @cached_property
    def scores(self) -> Floats:
        """Concept scores, [K]."""
        return np.asarray(self._output[0])

    @cached_property
    def logits(self) -> Floats:
        """[C], by position."""
        return np.asarray(self._output[1])

    @cached_property
    def probabilities(self) -> Floats:
        """Softmax of the logits, [C]."""
        return softmax(self.logits)

    @property
    def predicted(self) -> int:
        """Position of the predicted class."""
        return int(self.logits.argmax())

    @property
    def true(self) -> int | None:
        """Position of the true class, or None where nobody knows it or the model has not learnt it yet."""
        label = self.subject.label
        return label if label is not None and label < len(self.names) else None

    @property
    def true_name(self) -> str | None:
        """Name of the true class, learnt or not, or None where nobody knows it."""
        return None if self.subject.class_id is None else self.class_names[self.subject.class_id]

    @property
    def right(self) -> bool | None:
        """Whether the answer is right, or None where that cannot be said."""
        return None if self.true is None else self.true == self.predicted

    @cached_property
    def order(self) -> list[int]:
        """Positions of the classes, the most probable first."""
        return [int(c) for c in np.argsort(-self.logits, kind="stable")]

    @cached_property
    def _output(self) -> tuple[Floats, Floats]:
        out = self.snapshot.from_features(self.subject.feature[None])
        return out.scores[0].double().numpy(), out.logits[0].double().numpy()

    # -- around it -----------------------------------------------------------------------------------------------------

    @cached_property
    def features(self) -> Tensor:
        """The picture as it is seen after every finished task, [T, D]."""
        from engine.session.subjects import features

        return features(self.lab, self.subject)

    @cached_property
    def story(self) -> tuple[Moment, ...]:
        """The picture after every finished task."""
        from engine.explain.story import story

        snapshots = [self.lab.snapshot(task) for task in range(self.lab.view.tasks_done)]
        return story(snapshots, self.features, self.subject.class_id)

    @cached_property
    def levels(self) -> Levels:
        """What "present" and "absent" mean as scores of this model, measured on the validation images."""
        from engine.analyses import intervention_setup

        return intervention_setup.levels_of(self.lab, self.moment)

    @cached_property
    def reach(self) -> tuple[Floats, Floats]:
        """The range of each concept's score on validation pictures, [K] each."""
        from engine.explain.counterfactual import observed_range

        features = self.lab.sample("val", self.moment).features
        return observed_range(np.asarray(self.snapshot.from_features(features).scores.double().numpy()))

    @cached_property
    def novelty(self) -> Novelty:
        """How unlike everything learnt the picture is."""
        from engine.explain.novelty import novelty

        return novelty(self.snapshot, self.subject.feature, self.lab.sample("val", self.moment).features)

    @property
    def is_foreign(self) -> bool:
        """Whether somebody brought the picture, and it is unlike everything learnt."""
        return self.subject.ref.startswith(PREFIX) and self.novelty.is_far

    @cached_property
    def picture(self) -> npt.NDArray[np.uint8]:
        """The picture for people, uint8 [PLATE, PLATE, 3]."""
        from engine.session.subjects import picture

        return np.asarray(picture(self.lab, self.subject.ref, PLATE))
