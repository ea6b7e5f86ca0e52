"""The map: all test images laid flat by what CLIP sees in them. A map is a way to look, not evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.exhibits.concepts import atlas as maps
from engine.exhibits.concepts.atlas import SPLIT, Atlas, AtlasMoment
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.figures import embedding as drawing
from engine.figures.look import percent
from engine.figures.tables import Table

if TYPE_CHECKING:
    from engine.session.lab import Lab

MAP = kind(
    "embedding-map",
    "concepts",
    Lesson(
        what="Every test picture is one point. Pictures that the backbone, which is frozen, finds alike "
        "lie close together. The space has hundreds of dimensions and is pressed flat to be drawn.",
        why="Classes that lie on top of each other are hard to tell apart whatever is learnt later. And points never "
        "move here: what changes from task to task is only what the model makes of them.",
        reading="Look for groups of one class that stand alone, which is good, and for classes that mix. Coloured by "
        "right and wrong, look where mistakes gather. The share of pictures whose nearest one is of their own class is "
        "counted in the whole space.",
        caveats="Flattening loses most of the space. PCA says how much; UMAP keeps neighbours and gives up everything "
        "else, so distances between groups, their sizes and gaps mean nothing. Two points that touch here may be far "
        "apart in truth. It is a way to look, not evidence.",
    ),
    ("image_likeness",),
)


@dataclass(frozen=True)
class MapLook:
    """What is to be seen on the map.

    Attributes:
        colour: by `"class"`, `"task"`, `"right"` or `"concept"`.
        class_id: dataset index of the class that is followed, or None.
        words: of all concepts; none where the method has none.
        concept: index of the chosen concept, or None.
        crosses: whether concepts are on the map.
        chosen, near: index of the chosen image, and of its neighbours.
        selected: indices of the images that stay strong.
    """

    colour: str = "class"
    class_id: int | None = None
    words: tuple[str, ...] = ()
    concept: int | None = None
    crosses: bool = False
    chosen: int | None = None
    near: tuple[int, ...] = ()
    selected: frozenset[int] = frozenset()


def embedding_map(lab: Lab, atlas: Atlas, scene: AtlasMoment, moment: int, look: MapLook, share: float) -> Exhibit:
    """The map at a moment.

    Args:
        share: of images next to one of their own class, `maps.cohesion`.
    """
    clouds, scores = _clouds(lab, atlas, scene, moment, look)
    words = look.words[: len(atlas.concepts)]
    figure = drawing.embedding_map(
        np.asarray(atlas.place, np.float64),
        clouds,
        _hovers(lab, atlas, scene),
        concepts=drawing.Labels(atlas.concepts, words, look.concept) if look.crosses else None,
        chosen=look.chosen,
        near=look.near,
        selected=look.selected,
        axes=_axes(atlas),
    )
    return Exhibit(
        MAP,
        _headline(scene, look, share),
        _caption(atlas, moment, look),
        figure,
        lambda: _table(lab, atlas, scene, scores),
    )


def hint(lab: Lab, moment: int, look: MapLook) -> str:
    """What the colours mean where that has to be said, or which choice is missing; may be nothing."""
    if look.colour in ("task", "right"):
        return ""
    if look.colour == "concept" and look.concept is not None:
        text = look.words[look.concept]
        return "" if _is_learnt(lab, moment, look.concept) else f"“{text}” is not learnt yet at this moment."
    if look.colour == "concept":
        return "Choose a concept first: show concepts and click a cross, or click one on another view."
    if look.class_id in lab.view.class_ids_seen(moment):
        return f"In colour: {lab.view.class_names[look.class_id or 0]} and what it is taken for at this moment."
    return f"In colour: the classes of task {moment + 1}."


def caveat(atlas: Atlas) -> str:
    """What this map in particular does not say, with its settings."""
    share = float(atlas.explained.sum())
    return _PCA_CAVEAT.format(share=percent(share), rest=percent(1 - share)) if share else _UMAP_CAVEAT


_PCA_CAVEAT = (
    "The two axes hold {share} of the variance; the other {rest} is not on this map. Points that lie together here may "
    "be far apart in the whole space. Concepts are the embeddings of their words, moved by the difference between the "
    "means of texts and images."
)
_UMAP_CAVEAT = (
    "UMAP keeps neighbours together and gives up everything else: the distances between groups, their sizes and their "
    "gaps mean nothing, and another seed gives another map. It is no evidence. 15 neighbours, minimum distance 0.1, "
    "cosine, 500 rounds, seed 1993; concepts were added afterwards and moved no image."
)


def _headline(scene: AtlasMoment, look: MapLook, share: float) -> str:
    """What the space is like, or, where colours tell right from wrong, how many are which."""
    if look.colour != "right":
        return f"{percent(share)} of images lie next to one of their own class"
    wrong = scene.known & ~scene.right
    now, once = int(wrong.sum()), int((wrong & scene.once).sum())
    are, were = "is" if now == 1 else "are", "was" if once == 1 else "were"
    return f"{now} of {scene.known.sum()} images {are} wrong now; {once} {were} right once"


def _caption(atlas: Atlas, moment: int, look: MapLook) -> str:
    many = len(atlas.rows)
    of = f" of {atlas.images}, drawn at random" if many < atlas.images else ""
    measured = "" if look.colour == "right" else "; the share is measured in the whole space, not on the map"
    return (
        f"{atlas.method} of {many} test images{of}, fitted once on all {atlas.task + 1} finished tasks{measured}. "
        f"After task {moment + 1}; images of later tasks are faint"
    )


def _clouds(
    lab: Lab, atlas: Atlas, scene: AtlasMoment, moment: int, look: MapLook
) -> tuple[list[drawing.Cloud], drawing.Array | None]:
    """The points by colour, and the scores where a concept colours them."""
    if look.colour == "task":
        return drawing.by_task(scene.tasks, scene.known, atlas.task + 1), None
    by_concept = look.colour == "concept" and look.concept is not None
    if by_concept and _is_learnt(lab, moment, look.concept or 0):
        scores, limits = maps.scores(lab, atlas, moment, look.concept or 0)
        return drawing.by_score(scene.known, scores, limits, look.words[look.concept or 0]), scores
    if look.colour == "right" or by_concept:
        return drawing.by_correctness(scene.known, scene.right, scene.once), None
    return drawing.by_class(atlas.positions, scene.known, _told(lab, moment, look.class_id)), None


def _is_learnt(lab: Lab, moment: int, concept: int) -> bool:
    return concept < len(lab.snapshot(moment).bank.concepts)


def _told(lab: Lab, moment: int, class_id: int | None) -> list[tuple[int, str]]:
    """Who gets a colour: the followed class and what it is taken for, else the classes of the newest task."""
    seen = lab.view.class_ids_seen(moment)
    names = lab.view.class_names
    if class_id not in seen:
        own = [p for p, c in enumerate(seen) if c in lab.view.task_classes[moment]]
        return [(p, names[seen[p]]) for p in own]
    row = seen.index(class_id)
    counts = lab.view.confusion(moment, SPLIT)[row].copy()
    counts[row] = 0
    taken = [int(p) for p in np.argsort(-counts, kind="stable") if counts[p] > 0]
    return [(p, names[seen[p]]) for p in (row, *taken)]


def _hovers(lab: Lab, atlas: Atlas, scene: AtlasMoment) -> list[str]:
    """What each image says under the pointer."""
    order, names = lab.stream.class_order, lab.view.class_names
    each = (atlas.positions, scene.tasks, scene.known, scene.predicted, scene.right)
    found = []
    for position, task, known, predicted, right in zip(*(values.tolist() for values in each), strict=True):
        fate = "recognised" if right else f"taken for {names[order[predicted]]}" if known else "not learnt yet"
        found.append(f"{names[order[position]]} (task {task + 1})\n{fate}")
    return found


def _axes(atlas: Atlas) -> tuple[str, str]:
    if not atlas.explained.any():
        return "", ""
    first, second = (percent(float(share), 1) for share in atlas.explained)
    return f"first component ({first} of the variance)", f"second component ({second})"


def _table(lab: Lab, atlas: Atlas, scene: AtlasMoment, scores: drawing.Array | None) -> Table:
    order, names = lab.stream.class_order, lab.view.class_names
    return drawing.map_table(
        atlas.place,
        refs(atlas, range(len(atlas.rows))),
        [names[order[p]] for p in atlas.positions],
        scene.tasks,
        [names[order[p]] if p >= 0 else "" for p in scene.predicted],
        scores,
    )


def refs(atlas: Atlas, members: Sequence[int]) -> list[str]:
    """Names of some points' images, as in addresses."""
    return [f"{SPLIT}:{atlas.rows[i]}" for i in members]
