"""Old tasks against the newest: what every preference buys, of a model that takes any without training."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.metrics.pareto import pareto_front
from engine.params import param
from engine.records.answers import Arrays, Returns, Sizes
from engine.records.forms import flag, share, text
from engine.steps import Step

if TYPE_CHECKING:
    from engine.array_types import Floats
    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab
    from engine.training.material import Sample

_METHOD = "ibcl"
_MOST = 201


@ANALYSES.register
@dataclass(frozen=True)
class PreferenceFront(Analysis):
    """What a preference for old or new buys.

    The method IBCL keeps a classifier for each task; a preference mixes them into one, without training. Here the
    newest task's share goes from 0 to 1 in even steps, and the earlier tasks share the rest: accuracy on the images of
    earlier tasks against that on the newest's, all classes seen competing.

    Result, over V splits (`"val"` first) and P preferences (`preference`, how much the newest task counts):
        old, newest, every: accuracy on images of earlier tasks (NaN at the first), of the newest, and of all.
        front: whether no other preference is at least as good in both `old` and `newest`, and better in one.
        declared: the preference that the run answers by.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "split": text("V", among="with val", exact=True),
            "preference": share("P"),
            "old": share("V", "P", nan=True),
            "newest": share("V", "P", nan=True),
            "every": share("V", "P", nan=True),
            "front": flag("V", "P"),
            "declared": share(),
        },
        free={"P": (2, _MOST)},
    )

    points: int = param(21, low=2, high=_MOST, unit="preferences", help="How many preferences are tried.")

    def why_not(self, lab: Lab) -> str | None:
        """Only one method keeps a classifier for each task."""
        if lab.config.method == _METHOD:
            return None
        return f"only the method {_METHOD} keeps a classifier for each task to mix, and this is {lab.config.method}"

    def complaints(self, arrays: Arrays, sizes: Sizes) -> Iterator[str]:
        """Preferences rise."""
        if (np.diff(arrays["preference"]) <= 0).any():
            yield "preference: each must be larger than the one before"

    def run(self, lab: Lab, task: int) -> Answering:
        """Preference by preference."""
        from engine.methods.ibcl import preferring

        model = lab.view.snapshot(task, memory=True)
        samples = [lab.sample(split, task) for split in lab.splits]
        tried = np.linspace(0, 1, self.points)
        table = np.empty((len(samples), self.points, 3))  # old, newest, every
        for place, newest in enumerate(tried.tolist()):
            yield Step(place, self.points, "preferences")
            mixed = preferring(model, newest)
            table[:, place] = [_accuracies(lab, mixed, sample, task) for sample in samples]
        old, newest_, every = np.moveaxis(table, 2, 0)
        front = [pareto_front(*pair) for pair in zip(old, newest_, strict=True)]
        return {
            "split": np.array(lab.splits, np.str_),
            "preference": tried,
            "old": old,
            "newest": newest_,
            "every": every,
            "front": np.array(front, np.bool_),
            "declared": np.array(float(lab.config.settings["newest"])),
        }


def _accuracies(lab: Lab, model: Snapshot, sample: Sample, task: int) -> Floats:
    """Accuracy on earlier tasks, on the newest, and on all; NaN where there is no image."""
    labels = sample.labels.numpy()
    right = model.from_features(sample.features).logits.argmax(1).numpy() == labels
    new = lab.stream.task_of_position[labels] == task
    parts = (right[~new], right[new], right)
    return np.array([part.mean() if len(part) else np.nan for part in parts])
