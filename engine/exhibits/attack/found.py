"""The stored arrays of the analysis `robustness`, read at one moment. Plain numbers; nothing here draws."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.array_types import Bools, Floats, Ints
from engine.figures.robustness import Fall
from engine.jobs.analyses import Settings
from engine.metrics import robustness as measured
from engine.metrics.accuracy import forgetting, until
from engine.metrics.attention_shift import NAMES, growing
from engine.metrics.differences import means
from engine.metrics.robustness import Association, association
from engine.metrics.shift_baseline import Baseline, baseline

Arrays = Mapping[str, npt.NDArray[Any]]

FLAT = 0.05
"""Share of images without a gradient from which gradients are suspect: `engine.attacks.warnings`, which loads torch."""


@dataclass(frozen=True)
class Found:
    """What was measured over a run, seen after one of its tasks.

    Attributes:
        result: the arrays, as `engine.analyses.robustness` documents them.
        settings: what was asked, where it differs from the defaults.
        moment: the task, from 0.
    """

    result: Arrays
    settings: Settings
    moment: int

    @property
    def to_the_end(self) -> bool:
        """Whether images that were fooled were pushed on; else only answers were measured."""
        return bool(self.settings.get("to_the_end", True))

    # -- answers -------------------------------------------------------------------------------------------------------

    @cached_property
    def strengths(self) -> Floats:
        """255ths, [E + 1], 0 for clean first."""
        return np.concatenate([[0.0], self.result["eps"].astype(np.float64)])

    @property
    def tasks(self) -> int:
        """How many tasks were measured, which may be more than are looked at."""
        return int(self.result["outcome"].shape[1])

    @property
    def outcome(self) -> npt.NDArray[np.int8]:
        """1 right, 0 wrong, -1 not learnt yet, at this moment, [E + 1, N]."""
        return self.result["outcome"][:, self.moment]

    @cached_property
    def fall(self) -> Fall:
        """Right answers by strength and task, at this moment."""
        task_of = self.result["task_of"]
        here = self.outcome
        right = np.array([(here[:, task_of == k] == 1).sum(1) for k in range(self.moment + 1)], np.int64).T
        count = np.array([(here[0, task_of == k] >= 0).sum() for k in range(self.moment + 1)], np.int64)
        return Fall(self.strengths, right, count)

    def matrix(self, at: int) -> Floats:
        """Accuracy matrix at a strength, [T, T]; NaN after this moment."""
        return until(self.result["accuracy"][at].astype(np.float64), self.moment)

    def forgotten(self, at: int) -> float:
        """Forgetting of that matrix; NaN before the second task."""
        return forgetting(self.matrix(at))

    def fooled(self, at: int, moment: int, task: int) -> Ints:
        """Rows of the test images of a task that were right and are wrong under attack, after a moment."""
        outcome = self.result["outcome"][:, moment]
        here = (outcome[0] == 1) & (outcome[at] == 0) & (self.result["task_of"] == task)
        return np.asarray(self.result["rows"][here])

    # -- attention -----------------------------------------------------------------------------------------------------

    @property
    def guides(self) -> tuple[str, ...]:
        """Whose maps were measured."""
        return tuple(str(guide) for guide in self.result["guides"])

    @property
    def has_maps(self) -> bool:
        """Whether any map could be made."""
        return bool(np.isfinite(self.result["shift"]).any())

    def shift(self, at: int, measure: str) -> Floats:
        """Shift of every image after every task, [T, N, G], so that more is further; NaN where not measured."""
        found = growing(self.result["shift"][at - 1])[..., NAMES.index(measure)]
        return np.where(np.arange(self.tasks)[:, None, None] <= self.moment, found, np.nan)

    def over_tasks(self, at: int, measure: str) -> tuple[Floats, Floats, Floats]:
        """Mean over images with its interval, by guide and moment, [G, T] each."""
        return means(self.shift(at, measure).transpose(2, 0, 1))

    def by_task(self, at: int, measure: str, guide: str) -> Floats:
        """Mean shift on the images of task k after task t, [T, T]."""
        found = self.shift(at, measure)[..., self.guides.index(guide)]
        task_of = self.result["task_of"]
        return np.stack([means(found[:, task_of == k])[0] for k in range(self.tasks)], axis=1)

    def by_group(self, at: int, measure: str) -> tuple[tuple[str, ...], Floats]:
        """Groups of concepts and the mean shift of their maps after each task so far, [R, t]; most moved first."""
        found = growing(self.result["group_shift"][at - 1])[..., NAMES.index(measure)][: self.moment + 1].T
        last = np.array([row[np.isfinite(row)][-1] if np.isfinite(row).any() else -np.inf for row in found])
        kept = [r for r in np.argsort(-last, kind="stable") if np.isfinite(last[r])]
        names = self.result["groups"]
        return tuple(str(names[r]).replace("_", " ") or "no group" for r in kept), found[kept]

    def contested(self, at: int, measure: str, guide: str) -> tuple[Floats, Bools]:
        """Shift of the images that were right before the attack, and which of them were fooled."""
        taking_part, fooled = measured.contest(self.outcome)
        here = taking_part[at - 1]
        return self.shift(at, measure)[self.moment, here, self.guides.index(guide)], fooled[at - 1, here]

    def association(self, at: int, measure: str, guide: str, seed: int) -> Association:
        """Whether the two go together."""
        return association(*self.contested(at, measure, guide), seed)

    def baseline(self, at: int, measure: str, guide: str, seed: int) -> Baseline | None:
        """What the clean margin says of the same images; None where an older measurement kept no margins."""
        if "margin" not in self.result:
            return None
        here = measured.contest(self.outcome)[0][at - 1]
        margin = self.result["margin"][self.moment, here].astype(np.float64)
        shift, fooled = self.contested(at, measure, guide)
        return baseline(shift, margin, fooled, seed)

    # -- concepts and signs --------------------------------------------------------------------------------------------

    def concepts(self, at: int) -> tuple[tuple[str, ...], Floats, Floats]:
        """Concepts of the last task measured, share fooled [K], and score moved in standard deviations [K]."""
        names = tuple(str(name) for name in self.result["concepts"])
        return names, self.result["flips"][at - 1].astype(np.float64), self.result["moved"][at - 1].astype(np.float64)

    def signs(self) -> list[str]:
        """Signs of masked gradients so far, in words; empty is good."""
        said = []
        for e, value in enumerate(self.strengths[1:]):
            flat = float(self.result["flat"][e, : self.moment + 1].max())
            if flat >= FLAT:
                said.append(f"at {value:g}/255 up to {100 * flat:.0f} % of the images had no gradient at all")
            if not self.result["rising"][e, : self.moment + 1].all():
                said.append(f"at {value:g}/255 more steps did not raise the loss after every task")
        return said
