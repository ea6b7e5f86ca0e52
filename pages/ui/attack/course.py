"""Attacks and their maps, made once and kept; a long attack shows how far it is."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from engine.exhibits.attack.attempt import Attempt
from engine.exhibits.attack.course import AttackCourse, MapCourse, Parts, running, seen_along
from engine.exhibits.attack.scene import Making, Scene
from engine.exhibits.case import Case
from pages.ui.attack.shelf import kept
from pages.ui.waiting import waited

_PATIENCE = 0.7
"""Seconds after which an attack shows how far it is."""


def key(case: Case, attempt: Attempt) -> tuple[object, ...]:
    """What an attack's result depends on."""
    return "course", case.lab.view.id, case.moment, case.subject.ref, attempt


def course(case: Case, attempt: Attempt, slot: DeltaGenerator | None = None) -> AttackCourse:
    """The attack, run once.

    Args:
        slot: an `st.empty` for the progress of a long attack; it is left empty.

    Raises:
        PlumageError: the attack is not possible here.
    """
    return kept(key(case, attempt), lambda: _run(case, attempt, slot))


def _run(case: Case, attempt: Attempt, slot: DeltaGenerator | None) -> AttackCourse:
    return waited(
        running(case, attempt),
        slot,
        lambda look: (look.step / max(look.steps, 1), f"Attacking: step {look.step} of {look.steps}"),
        _PATIENCE,
    )


def seen(scene: Scene) -> MapCourse:
    """The maps of an attack's pictures, made once; the scene has a map and an aim."""
    assert scene.chosen is not None and scene.sought is not None  # the caller's duty, see above
    chosen, aim = scene.chosen, scene.sought.aim
    return kept(("seen", *through(scene)), lambda: seen_along(scene.case, scene.course, chosen, aim))


def through(scene: Scene) -> tuple[object, ...]:
    """What a scene's maps depend on."""
    return (*key(scene.case, scene.attempt), scene.chosen, None if scene.sought is None else scene.sought.name)


class CourseOnce(Making):
    """Everything is made once."""

    def course(self, case: Case, attempt: Attempt) -> AttackCourse:
        return course(case, attempt)

    def ends(self, scene: Scene) -> MapCourse:
        return kept(("ends", *through(scene)), lambda: Making().ends(scene))

    def parts(self, scene: Scene) -> Parts:
        return kept(("parts", *through(scene)), lambda: Making().parts(scene))
