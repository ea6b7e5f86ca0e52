"""What the map's points look like at a moment, and what they say under the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from engine.figures import embedding as drawing
from pages.ui import context
from pages.ui.concepts import atlas as maps
from pages.ui.concepts import picks
from pages.ui.concepts.atlas import SPLIT, Atlas, Scene

if TYPE_CHECKING:
    from engine.runs.lab import Lab


def clouds(
    here: context.Context, lab: Lab, atlas: Atlas, scene: Scene, moment: int, colour: str, concepts: list[str]
) -> tuple[list[drawing.Cloud], drawing.Array | None, str]:
    """The points by colour, the scores where a concept colours them, and a hint where a choice is missing."""
    if colour == "task":
        return drawing.by_task(scene.tasks, scene.known, atlas.task + 1), None, ""
    if colour == "right":
        return drawing.by_correctness(scene.known, scene.right, scene.once), None, ""
    concept = picks.concept(concepts)
    if colour == "concept" and concept is not None:
        if lab.snapshot(atlas.task).bank.concepts[concept].task > moment:
            hint = f"“{concepts[concept]}” is not learnt yet at this moment."
            return drawing.by_correctness(scene.known, scene.right, scene.once), None, hint
        scores, limits = maps.scores(lab, atlas, moment, concept)
        return drawing.by_score(scene.known, scores, limits, concepts[concept]), scores, ""
    told = _told(here, lab, moment)
    hint = f"In colour: the classes of task {moment + 1}. Choose a class above to see it and what it is taken for."
    if colour == "concept":
        hint = "Choose a concept first: show concepts and click a cross, or click one on another view."
    elif told and told[0][1] in _class_name(here):
        hint = f"In colour: {told[0][1]} and what it is taken for at this moment."
    return drawing.by_class(atlas.positions, scene.known, told), None, hint


def _class_name(here: context.Context) -> tuple[str, ...]:
    return () if here.view is None or here.class_id is None else (here.view.class_names[here.class_id],)


def _told(here: context.Context, lab: Lab, moment: int) -> list[tuple[int, str]]:
    """Who gets a colour: the chosen class and what it is taken for, else the classes of the newest task."""
    seen = lab.view.class_ids_seen(moment)
    names = lab.view.class_names
    if here.class_id not in seen:
        own = [p for p, c in enumerate(seen) if c in lab.view.task_classes[moment]]
        return [(p, names[seen[p]]) for p in own]
    row = seen.index(here.class_id)
    counts = lab.view.confusion(moment, SPLIT)[row].copy()
    counts[row] = 0
    taken = [int(p) for p in np.argsort(-counts, kind="stable") if counts[p] > 0]
    return [(p, names[seen[p]]) for p in (row, *taken)]


def words(lab: Lab, atlas: Atlas, scene: Scene) -> list[str]:
    """What the hover says of each image."""
    order, names = lab.stream.class_order, lab.view.class_names
    found = []
    for position, task, known, predicted, right in zip(
        atlas.positions.tolist(),
        scene.tasks.tolist(),
        scene.known.tolist(),
        scene.predicted.tolist(),
        scene.right.tolist(),
        strict=True,
    ):
        fate = "recognised" if right else f"taken for {names[order[predicted]]}" if known else "not learnt yet"
        found.append(f"{names[order[position]]} (task {task + 1})\n{fate}")
    return found
