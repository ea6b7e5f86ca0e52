"""What a map of several parts is made of, each before and under attack: Comp-TGA's words and their denial."""

from __future__ import annotations

import numpy as np

from engine.exhibits.attack.aims import title
from engine.exhibits.attack.course import Maps, Parts
from engine.exhibits.attack.scene import Making, Scene
from engine.exhibits.exhibit import Exhibit, Lesson, Plate, kind
from engine.figures.attack import as_bytes
from engine.figures.heat import data_address, overlay
from engine.figures.look import percent
from engine.figures.tables import Table, cell

PARTS = kind(
    "map-parts",
    "attack",
    Lesson(
        what="The maps from which this one is put together: where the words are seen, and where their denial (“this is "
        "not a photo of …”) is seen. Each untouched and attacked.",
        why="Much of a map is the same for any text. Taking the denial away is meant to leave what belongs to these "
        "words alone.",
        reading="Compare the two maps of the untouched picture. The more alike they are, the less is left for the map "
        "that is made of both.",
        caveats="Each pair has a scale of its own, so colours cannot be compared between the parts. A model that never "
        "learnt what “not” means sees the denial as the same words again.",
    ),
    ("shift_cosine",),
)
_MOMENTS = ("clean", "attacked")


def parts(scene: Scene, making: Making) -> Exhibit | None:
    """The parts side by side; None for a map that is of one piece."""
    if scene.chosen is None or scene.sought is None:
        return None
    found = making.parts(scene)
    if not found:
        return None
    note = f"On the clean picture the parts of “{scene.sought.aim.words}” are {percent(likeness(found))} alike: the "
    note += "map is what is left"
    plates = tuple(plate for name, maps in found.items() for plate in _plates(scene, name, maps))
    return Exhibit(PARTS, f"What “{title(scene.chosen.name)}” is made of", note, plates, lambda: _table(found))


def likeness(found: Parts) -> float:
    """Correlation over patches of the first two parts on the clean picture; 1 for a single part."""
    clean = [maps[0].ravel() for maps in found.values()]
    if len(clean) < 2 or min(np.ptp(c) for c in clean) == 0:
        return 1.0
    return max(float(np.corrcoef(clean[0], clean[1])[0, 1]), 0.0)


def _plates(scene: Scene, name: str, maps: Maps) -> tuple[Plate, ...]:
    limit = float(np.abs(maps).max()) or 1.0
    steps = (0, scene.course.shown)
    return tuple(
        Plate(data_address(overlay(as_bytes(scene.course.image(step)), heat, limit)), f"{name}, {moment}")
        for step, heat, moment in zip(steps, maps, _MOMENTS, strict=True)
    )


def _table(found: Parts) -> Table:
    side = len(next(iter(found.values()))[0])
    table: Table = {
        "row": [i + 1 for i in range(side) for _ in range(side)],
        "column": [j + 1 for _ in range(side) for j in range(side)],
    }
    for name, maps in found.items():
        for moment, heat in zip(_MOMENTS, maps, strict=True):
            table[f"{name}, {moment}"] = [cell(v) for v in heat.ravel()]
    return table
