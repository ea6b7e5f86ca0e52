"""Everything the panels of the page ask of one attack, one picture and one map; what is slow is kept between reruns."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from engine.figures.attack import LEVELS, softmax
from engine.figures.attack_words import Deed
from engine.metrics.attention_shift import NAMES, shifts
from pages.ui.attention.attempt import CLASS, FLIP, LEAST, OFF, ON, Attempt, label_of
from pages.ui.attention.course import Course, Floats, Seen
from pages.ui.explain.case import Case

if TYPE_CHECKING:
    from engine.attacks.traces import Crossing
    from engine.explain.attention.base import AttentionMap
    from pages.ui.attention.aims import Sought

DISPLACEMENT = NAMES.index("displacement")


@dataclass(frozen=True)
class Scene:
    """An attack on a picture, seen by a map.

    Attributes:
        case: the picture before the model.
        attempt, course: what was asked for, and what happened.
        sought: what the map looks for, or None where that is unknown.
        chosen: the map, or None where none is possible.
        seen: the maps, or None.
    """

    case: Case
    attempt: Attempt
    course: Course
    sought: Sought | None = None
    chosen: AttentionMap | None = None
    seen: Seen | None = None

    @property
    def label(self) -> int:
        """Position of the class that the attack works against."""
        return label_of(self.case, self.attempt)

    @cached_property
    def probabilities(self) -> Floats:
        """Of every step, [N, C]."""
        return softmax(self.course.logits)

    @cached_property
    def answers(self) -> list[int]:
        """Position of the answer at every step."""
        return [int(c) for c in self.course.logits.argmax(1)]

    @property
    def steps(self) -> tuple[int, ...]:
        """The steps that can be looked at."""
        return self.course.steps if self.seen is None else self.seen.steps

    @cached_property
    def shifts(self) -> Floats | None:
        """The five measures at every step that can be looked at, [F, 5]."""
        if self.seen is None:
            return None
        clean = np.broadcast_to(self.seen.maps[0], self.seen.maps.shape)
        return shifts(clean, self.seen.maps)

    @cached_property
    def thresholds(self) -> Floats:
        """Above it a concept is called present, [K]."""
        return self.case.levels.threshold

    @cached_property
    def crossings(self) -> list[Crossing]:
        """Concepts switched at the step shown first, the earliest first."""
        from engine.attacks.traces import flipped

        until = replace(self.course.trace, scores=self.course.trace.scores[: self.course.shown + 1])
        return flipped(until, self.thresholds)

    def shift(self, step: int) -> Floats | None:
        """The five measures at a step, [5]."""
        return None if self.shifts is None else self.shifts[self.steps.index(step)]

    def says(self, step: int) -> tuple[str, float]:
        """The answer at a step and its probability."""
        answer = self.answers[step]
        return self.case.names[answer], float(self.probabilities[step, answer])

    def largest(self, step: int) -> float:
        """The largest change of a pixel at a step, in 255ths."""
        return LEVELS * float(np.abs(self.course.image(step) - self.course.image(0)).max())

    @cached_property
    def deed(self) -> Deed:
        """What the attack did, for its sentence."""
        shown = self.course.shown
        moved, attempt = self.shift(shown), self.attempt
        before, after = self.says(0), self.says(shown)
        return Deed(
            before=before[0],
            after=after[0],
            before_sure=before[1],
            after_sure=after[1],
            right=self.case.right,
            largest=self.largest(shown),
            moved=None if moved is None else float(moved[DISPLACEMENT]),
            won=bool(self.course.won[shown]),
            wanted=attempt.target if attempt.kind == CLASS else self._least() if attempt.kind == LEAST else "",
            switched=attempt.target if attempt.kind in (ON, OFF) else "",
            on=attempt.kind == ON,
            held=attempt.kind == FLIP,
        )

    def _least(self) -> str:
        others = [c for c in self.case.order if c != self.label]
        return self.case.names[others[-1]] if others else ""
