"""One picture before one model: everything the panels of the page ask of the two, computed once a rerun."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import streamlit as st

if TYPE_CHECKING:
    from torch import Tensor

    from engine.explain.story import Moment
    from engine.interventions.levels import Levels
    from engine.model.snapshot import Snapshot
    from engine.runs.lab import Lab
    from engine.runs.subjects import Subject

PLATE = 448
"""Pixels of the picture for people."""
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Case:
    """A picture and the model after a task.

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
        powers = np.exp(self.logits - self.logits.max())
        return np.asarray(powers / powers.sum())

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
    def story(self) -> tuple[Moment, ...]:
        """The picture after every finished task."""
        from engine.explain.story import story

        done = self.lab.view.tasks_done
        snapshots = [self.lab.snapshot(task) for task in range(done)]
        features = _features(self.lab.view.id, self.subject.ref, done, self.lab, self.subject)
        return story(snapshots, features, self.subject.class_id)

    @cached_property
    def levels(self) -> Levels:
        """What "present" and "absent" mean as scores of this model."""
        return levels_of(self.lab.view.id, self.moment, self.lab)

    @cached_property
    def reach(self) -> tuple[Floats, Floats]:
        """The range of each concept's score on validation pictures, [K] each."""
        return reach_of(self.lab.view.id, self.moment, self.lab)

    @cached_property
    def picture(self) -> npt.NDArray[np.uint8]:
        """The picture for people, uint8 [PLATE, PLATE, 3]."""
        return _picture(self.lab.view.id, self.subject.ref, self.lab)


@st.cache_resource(show_spinner=False, max_entries=32)
def levels_of(run: str, moment: int, _lab: Lab) -> Levels:
    """The scale of every concept's score, measured on the validation images of a run after a task."""
    from engine.analyses import bedside

    return bedside.levels_of(_lab, moment)


@st.cache_resource(show_spinner=False, max_entries=32)
def reach_of(run: str, moment: int, _lab: Lab) -> tuple[Floats, Floats]:
    """The observed range of every concept's score on the validation images."""
    from engine.explain.counterfactual import observed_range

    return observed_range(_val_scores(_lab, moment))


@st.cache_resource(show_spinner=False, max_entries=64)
def _features(run: str, ref: str, done: int, _lab: Lab, _subject: Subject) -> Tensor:
    """The picture as it is seen after every finished task, [T, D]."""
    from engine.runs.subjects import features

    return features(_lab, _subject)


def _val_scores(lab: Lab, moment: int) -> Floats:
    features = lab.sample("val", moment).features
    return np.asarray(lab.snapshot(moment).from_features(features).scores.double().numpy())


@st.cache_data(show_spinner=False, max_entries=64)
def _picture(run: str, ref: str, _lab: Lab) -> npt.NDArray[np.uint8]:
    from engine.runs.subjects import picture

    return np.asarray(picture(_lab, ref, PLATE))
