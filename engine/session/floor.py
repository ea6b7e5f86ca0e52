"""The floor of forgetting: what references lose that forget nothing, as there is more to choose among. No torch."""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.jobs.analyses import Analyses, Question, Result
from engine.metrics.accuracy import forgetting, until
from engine.metrics.wording import shown
from engine.session.backbone_pairs import joint_of
from engine.store.store import RunStore
from engine.store.view import RunView

NAME = "forgetting_floor"
"""The analysis behind it."""
SETTING = "class_il"
"""Only where the choice is among all classes seen does a longer list cost anything."""


@dataclass(frozen=True, slots=True)
class Floor:
    """Forgetting after a moment, in shares; NaN where it is not known.

    Attributes:
        run: of the run.
        joint: of a joint reference; `joint_name` says which.
        bayes: of the Bayes-optimal answer.
    """

    run: float
    joint: float
    joint_name: str
    bayes: float

    @property
    def words(self) -> str:
        """The references in a few words: `joint 5.5 points, Bayes-optimal 2.6 points`; empty if none is known."""
        known = (("joint", self.joint), ("Bayes-optimal", self.bayes))
        return ", ".join(f"{name} {shown('forgetting', value)}" for name, value in known if math.isfinite(value))


def floor(store: RunStore, view: RunView, split: str, moment: int, found: Result | None = None) -> Floor:
    """What is known of the floor, by a joint run of the same data and seed if there is one, else by the analysis.

    Args:
        found: the analysis of the run's last task, if it is at hand.
    """
    if found is None:
        found = Analyses(store).intact(Question(view.id, view.tasks_done - 1, NAME, {}))
    joint, bayes, name = math.nan, math.nan, "Joint reference: a linear discriminant"
    if found is not None and moment < found["joint"].shape[1]:
        s = found["split"].tolist().index(split)
        joint, bayes = (forgetting(until(found[part][s], moment)) for part in ("joint", "bayes"))
    other = joint_of(store, view, moment)
    if other is not None:
        joint, name = forgetting(until(other.accuracy(split, SETTING), moment)), "The same run, all data at once"
    return Floor(forgetting(until(view.accuracy(split, SETTING), moment)), joint, name, bayes)
