"""Everything the exhibits ask of one attack, one picture and one map."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats
from engine.exhibits.attack.aims import Sought, possible, sought
from engine.exhibits.attack.attempt import ANY, CLASS, FLIP, GOALS, LEAST, OFF, ON, Attempt, label_of
from engine.exhibits.attack.course import (
    AttackCourse,
    MapCourse,
    Parts,
    parts_at_ends,
    running,
    seen_at_ends,
)
from engine.exhibits.case import Case
from engine.figures.attack import LEVELS
from engine.figures.attack_words import Deed
from engine.metrics.attention_shift import NAMES, shifts
from engine.metrics.colour import visibility
from engine.model.probabilities import softmax
from engine.steps import finish

if TYPE_CHECKING:
    from engine.attacks.traces import Crossing
    from engine.explain.attention.base import AttentionMap


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
    course: AttackCourse
    sought: Sought | None = None
    chosen: AttentionMap | None = None
    seen: MapCourse | None = None

    @property
    def label(self) -> int:
        """Position of the class that the attack works against."""
        return label_of(self.case, self.attempt)

    @cached_property
    def probabilities(self) -> Floats:
        """Of every step, [N, C]."""
        return softmax(self.course.logits.astype(np.float64))

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
            visible=visibility(self.course.image(0), self.course.image(shown)),
            moved=None if moved is None else float(moved[DISPLACEMENT]),
            won=bool(self.course.won[shown]),
            wanted=attempt.target if attempt.kind == CLASS else self._least() if attempt.kind == LEAST else "",
            switched=attempt.target if attempt.kind in (ON, OFF) else "",
            on=attempt.kind == ON,
            held=attempt.kind == FLIP,
        )

    @property
    def wish(self) -> str:
        """What the attacker wants, as half a sentence."""
        if self.attempt.kind == ANY:
            known = "" if self.case.true is not None else ", what the model says: its class is not known here"
            return f"Against “{self.case.names[self.label]}”{known}"
        wish = GOALS[self.attempt.kind]
        return f"{wish}: “{self.attempt.target}”" if self.attempt.target else wish

    def _least(self) -> str:
        others = [c for c in self.case.order if c != self.label]
        return self.case.names[others[-1]] if others else ""


class Making:
    """How attacks and their maps are made: afresh each time. A page keeps what it made."""

    def course(self, case: Case, attempt: Attempt) -> AttackCourse:
        """The attack, run to its end; raises `PlumageError` where it is not possible."""
        return finish(running(case, attempt))

    def ends(self, scene: Scene) -> MapCourse:
        """The maps of the clean picture and of the one shown first; the scene has a map and an aim."""
        assert scene.chosen is not None and scene.sought is not None  # the caller's duty, see above
        return seen_at_ends(scene.case, scene.course, scene.chosen, scene.sought.aim)

    def parts(self, scene: Scene) -> Parts:
        """The maps of which the scene's map is made, by title, each clean and attacked, [2, g, g]."""
        assert scene.chosen is not None and scene.sought is not None  # the caller's duty, see above
        return parts_at_ends(scene.case, scene.course, scene.chosen, scene.sought.aim)


def played(case: Case, attempt: Attempt | None = None, aim: str = "", chosen: str = "") -> Scene:
    """Attack a picture and look at it clean and attacked.

    Args:
        attempt: the attack; the page's default (PGD, 10 steps, 4 of 255 levels, any other answer) if not given.
        aim: what the map looks for, as in the address; the true class, or the answer, if not given.
        chosen: name of the map; the plainest that is possible, if not given or not possible here.

    Raises:
        PlumageError: the attack is not possible here, or nothing is known by the name of `aim`.
    """
    attempt, making = attempt or Attempt(), Making()
    looked = sought(case, aim)
    maps, _ = possible(case, looked.aim)
    bare = Scene(case, attempt, making.course(case, attempt), looked)
    return seen_by(bare, maps.get(chosen) or next(iter(maps.values())), making) if maps else bare


def seen_by(scene: Scene, chosen: AttentionMap, making: Making) -> Scene:
    """The same scene through another map."""
    scene = replace(scene, chosen=chosen, seen=None)
    return replace(scene, seen=making.ends(scene))


def replayed(scene: Scene, case: Case, making: Making) -> Scene:
    """The same attack on the same picture before another model; without a map where it can make none.

    Raises:
        PlumageError: the attack is not possible there, or the model does not know what is looked for.
    """
    bare = Scene(case, scene.attempt, making.course(case, scene.attempt))
    if scene.sought is None or scene.chosen is None:
        return bare
    looked = sought(case, scene.sought.name)
    if scene.chosen.why_not(case.lab.embedder.backbone, looked.aim):
        return bare
    return seen_by(replace(bare, sought=looked), scene.chosen, making)
