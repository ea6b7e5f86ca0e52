"""What a map of several parts is made of; nothing for a map of one piece."""

from __future__ import annotations

from engine.exhibits.attack import parts
from engine.exhibits.attack.scene import Scene
from pages.ui import panels
from pages.ui.attack.course import CourseOnce


def show(scene: Scene) -> None:
    """The parts side by side, where there are any."""
    exhibit = parts.parts(scene, CourseOnce())
    if exhibit is not None:
        panels.show(exhibit)
