"""What a map of several parts is made of, each before and under attack: Comp-TGA's words and their denial."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import streamlit as st

from engine.figures.attack import as_bytes
from engine.figures.heat import data_address, overlay
from engine.figures.look import percent
from engine.figures.tables import Table, cell
from pages.ui.attention import aims, course
from pages.ui.attention.scene import Scene
from pages.ui.attention.shelf import kept
from pages.ui.panels import panel
from pages.ui.text import safe

Maps = dict[str, npt.NDArray[np.float32]]
_MOMENTS = ("clean", "attacked")


def show(scene: Scene) -> None:
    """The parts side by side; nothing for a map that is of one piece."""
    found = _parts(scene)
    if not found or scene.chosen is None or scene.sought is None:
        return
    told = f"What “{aims.title(scene.chosen.name)}” is made of"
    like = _likeness(found)
    words = scene.sought.aim.words
    note = f"On the clean picture the parts of “{words}” are {percent(like)} alike: the map is what is left"
    with panel("parts", told, note, lambda: _table(found), ("shift_cosine",)):
        st.html(f"<div class='at-parts'>{''.join(_figures(scene, name, maps) for name, maps in found.items())}</div>")


def _parts(scene: Scene) -> Maps:
    """Each part clean and at the step shown first, [2, g, g]."""
    if scene.chosen is None or scene.sought is None:
        return {}
    key = ("parts", *course.key(scene.case, scene.attempt), scene.chosen, scene.sought.name)
    return kept(key, lambda: _made(scene))


def _made(scene: Scene) -> Maps:
    assert scene.chosen is not None and scene.sought is not None  # asked for by `_parts`
    found = scene.course
    images = found.images[[0, found.steps.index(found.shown)]]
    made = scene.chosen.parts(scene.case.lab.backbone(scene.case.moment), images, scene.sought.aim)
    return {name: np.asarray(maps.cpu().numpy(), np.float32) for name, maps in made.items()}


def _likeness(found: Maps) -> float:
    """Correlation over patches of the first two parts on the clean picture; 1 for a single part."""
    clean = [maps[0].ravel() for maps in found.values()]
    if len(clean) < 2 or min(np.ptp(c) for c in clean) == 0:
        return 1.0
    return max(float(np.corrcoef(clean[0], clean[1])[0, 1]), 0.0)


def _figures(scene: Scene, name: str, maps: npt.NDArray[np.float32]) -> str:
    limit = float(np.abs(maps).max()) or 1.0
    steps = (0, scene.course.shown)
    return "".join(
        f"<figure><img src='{data_address(overlay(as_bytes(scene.course.image(step)), heat, limit))}' "
        f"alt='{safe(name)}, {moment}'><figcaption><b>{safe(name)}</b> {moment}</figcaption></figure>"
        for step, heat, moment in zip(steps, maps, _MOMENTS, strict=True)
    )


def _table(found: Maps) -> Table:
    side = len(next(iter(found.values()))[0])
    table: Table = {
        "row": [i + 1 for i in range(side) for _ in range(side)],
        "column": [j + 1 for _ in range(side) for j in range(side)],
    }
    for name, maps in found.items():
        for moment, heat in zip(_MOMENTS, maps, strict=True):
            table[f"{name}, {moment}"] = [cell(v) for v in heat.ravel()]
    return table
