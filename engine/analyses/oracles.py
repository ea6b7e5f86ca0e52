"""What answering everything is worth, by who answers and by what levels are measured on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from engine.analyses.base import ANALYSES, Analysis, Answering
from engine.analyses.intervention_setup import TRUTHS, instances, intervention_setup, telling, why_no_truth
from engine.data.streams import VAL
from engine.interventions.curves import everything
from engine.interventions.evidence import LEVELS, Evidence
from engine.metrics.differences import paired_difference
from engine.params import param
from engine.records.answers import Returns
from engine.records.forms import number, share, text, whole
from engine.steps import Step

if TYPE_CHECKING:
    from engine.session.lab import Lab

RIGHT = 1.0
"""The competence of a person who is always right."""


@ANALYSES.register
@dataclass(frozen=True)
class Oracles(Analysis):
    """What answering everything is worth.

    A simulated person answers about every concept of every test image (classes seen so far). Who that is and what the
    answers mean is varied: three kinds of knowledge (`engine.analyses.intervention_setup`), always right or sometimes
    wrong, and levels with and without labelled images of earlier tasks (`engine.interventions.evidence`).

    Result, for Q people:
        truth, competence, levels: who answers, and what levels are measured on.
        before: accuracy without an answer.
        after, low, high: accuracy once everything is answered, and the 95 % interval, over the images, of what it
            gains.
        telling, classes: how many classes are told apart from all others by what they usually show, of how many: who
            knows the class in general then names it.
    """

    returns: ClassVar[Returns] = Returns(
        {
            "truth": text("Q"),
            "competence": share("Q"),
            "levels": text("Q"),
            "split": text("S", among="splits", exact=True),
            "before": share("S", nan=True),
            "after": share("Q", "S", nan=True),
            "low": number("Q", "S", low=-2.0, high=2.0, nan=True),
            "high": number("Q", "S", low=-2.0, high=2.0, nan=True),
            "telling": whole(high="C"),
            "classes": whole(high="C"),
        }
    )

    competence: float = param(0.9, low=0.5, high=0.99, help="How often the person who errs is right.")

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Both: they are compared."""
        return tuple(LEVELS.values())

    def why_not(self, lab: Lab) -> str | None:
        """Needs concepts, and somebody who knows the truth about them."""
        return why_no_truth(lab)

    def run(self, lab: Lab, task: int) -> Answering:
        """Person by person."""
        setups = {name: intervention_setup(lab, task, name) for name in LEVELS}
        splits = [split for split in lab.splits if split != VAL]
        people = list(self._people())
        after, low, high = (np.empty((len(people), len(splits))) for _ in range(3))
        before = np.empty(len(splits))
        for q, (truth, right, name) in enumerate(people):
            yield Step(q, len(people), f"asking about {truth}")
            for s, split in enumerate(splits):
                cases = instances(lab, setups[name], split, truth, competence=right)
                was, now = cases.head.predicted(cases.scores) == cases.labels, everything(cases)
                gain = paired_difference(was, now)
                before[s], after[q, s] = was.mean(), now.mean()
                low[q, s], high[q, s] = gain.low, gain.high
        here = next(iter(setups.values()))
        return {
            "truth": np.array([truth for truth, _, _ in people], np.str_),
            "competence": np.array([right for _, right, _ in people]),
            "levels": np.array([name for _, _, name in people], np.str_),
            "split": np.array(splits, np.str_),
            "before": before,
            "after": after,
            "low": low,
            "high": high,
            "telling": np.array(telling(lab, here)),
            "classes": np.array(len(here.head.weights)),
        }

    def _people(self) -> Iterator[tuple[str, float, str]]:
        """Every kind of knowledge, competence and evidence."""
        for truth in TRUTHS:
            for right in (RIGHT, self.competence):
                for name in LEVELS:
                    yield truth, right, name
