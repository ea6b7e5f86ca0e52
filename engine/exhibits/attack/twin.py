"""The same picture and the same attack before two runs that differ in nothing but the backbone."""

from __future__ import annotations

import numpy as np

from engine.exhibits.attack.scene import DISPLACEMENT, Scene
from engine.exhibits.exhibit import Exhibit, Lesson, Plate, kind
from engine.figures.attack import as_bytes
from engine.figures.heat import data_address, overlay
from engine.figures.look import certainty
from engine.figures.tables import Table, cell
from engine.metrics.attention_shift import NAMES

TWIN = kind(
    "attack-twin",
    "attack",
    Lesson(
        what="One picture before two runs that differ only in the backbone, the part that looks: untouched and "
        "attacked, with the map of where each looks.",
        why="A defended backbone has seen attacks while it was trained and should neither change its answer nor look "
        "elsewhere. Here the two can be compared on the same picture.",
        reading="Compare the first two pictures, then the last two. A defence that works shows the same answer and the "
        "same colours twice.",
        caveats="It is one picture. Each run is attacked through its own backbone, so the two attacked pictures are "
        "not the same. Each run's maps have a scale of their own.",
    ),
    ("shift_displacement",),
)


def twin(scene: Scene, other: Scene) -> Exhibit:
    """Both runs side by side: clean and attacked each.

    Args:
        other: the same attack before the twin (see `scene.replayed`).
    """
    backbones = [one.case.lab.config.backbone for one in (scene, other)]
    plates = (*_pair(scene, "This run"), *_pair(other, "Its twin"))
    note = f"The same picture, the same attack; this run on {backbones[0]}, its twin on {backbones[1]}"
    return Exhibit(TWIN, _told(scene, other), note, plates, lambda: _table(scene, other))


def _told(scene: Scene, other: Scene) -> str:
    """What the other backbone changes, in words."""
    fooled = [one.deed.before != one.deed.after for one in (scene, other)]
    words = {
        (True, False): "The twin's answer holds where this run is fooled",
        (False, True): "This run's answer holds where its twin is fooled",
        (True, True): "Both are fooled",
        (False, False): "Both answers hold",
    }[fooled[0], fooled[1]]
    moved = [_moved(one) for one in (scene, other)]
    if None in moved:
        return words
    return f"{words}; attention moved {moved[0]:.1f} patches here, {moved[1]:.1f} there"


def _moved(scene: Scene) -> float | None:
    found = scene.shift(scene.course.shown)
    return None if found is None else float(found[DISPLACEMENT])


def _pair(scene: Scene, who: str) -> tuple[Plate, Plate]:
    """One run's pictures on one scale, each with its answer."""
    clean, attacked = (_plate(scene, step, who) for step in (0, scene.course.shown))
    return clean, attacked


def _plate(scene: Scene, step: int, who: str) -> Plate:
    picture = as_bytes(scene.course.image(step))
    if scene.seen is not None:
        limit = float(np.abs(scene.seen.maps).max()) or 1.0
        picture = overlay(picture, scene.seen.at(step), limit)
    name, sure = scene.says(step)
    return Plate(data_address(picture), f"{who}, {'attacked' if step else 'clean'}", f"{name} ({certainty(sure)})")


def _table(scene: Scene, other: Scene) -> Table:
    """Both runs in numbers."""
    both = (scene, other)
    found: Table = {
        "backbone": [one.case.lab.config.backbone for one in both],
        "taken for": [one.deed.before for one in both],
        "probability": [cell(one.deed.before_sure) for one in both],
        "attacked, taken for": [one.deed.after for one in both],
        "probability attacked": [cell(one.deed.after_sure) for one in both],
        "margin clean": [cell(one.course.margins[0]) for one in both],
        "margin attacked": [cell(one.course.margins[one.course.shown]) for one in both],
    }
    for i, name in enumerate(NAMES):
        shifts = [one.shift(one.course.shown) for one in both]
        found[f"shift {name}"] = [None if shift is None else cell(shift[i]) for shift in shifts]
    return found
