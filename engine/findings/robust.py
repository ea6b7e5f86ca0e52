"""What rules read of attacks: the measurement of a run that the Attack page shows first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.analyses.robustness import Robustness
from engine.jobs.analyses import Analyses, Result
from engine.session.facts import RunFacts

Outcomes = npt.NDArray[np.int8]

EPS = 4.0
"""Strength of the attack, in 255ths of a pixel's range: the usual one."""


@dataclass(frozen=True)
class MeasuredAttack:
    """A stored measurement.

    Attributes:
        result: the arrays, as `engine.analyses.robustness` documents them.
        settings: what was asked, where it differs from the defaults.
        at: place of the strength 4 of 255 among the strengths.
        outcome: clean, and at that strength, of the images of classes learnt by the moment, [2, N]; 1 right, 0 wrong.
    """

    result: Result
    settings: Mapping[str, Any]
    at: int
    outcome: Outcomes

    @property
    def who(self) -> str:
        """Who attacked, and for how long."""
        return Robustness.from_mapping(self.settings).who


def attacked(facts: RunFacts) -> MeasuredAttack | None:
    """The newest measurement of the run, if it is finished and has this strength."""
    asked = Analyses(facts.store).asked(facts.view.id, facts.view.tasks_done - 1, "robustness")
    if not asked or asked[0][1].status != "finished":
        return None
    question = asked[0][0]
    result = facts.result(question.name, question.settings, question.task)
    if result is None or facts.moment >= result["outcome"].shape[1]:
        return None
    at = np.flatnonzero(np.isclose(result["eps"], EPS))
    if not len(at):
        return None
    here = result["outcome"][[0, int(at[0]) + 1], facts.moment]  # [2, N]
    return MeasuredAttack(result, question.settings, int(at[0]), here[:, here[0] >= 0])
