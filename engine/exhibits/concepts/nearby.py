"""The images that lie nearest to one, in the whole space."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.array_types import Floats, Ints
from engine.exhibits.concepts.atlas import SPLIT, Atlas, features
from engine.exhibits.concepts.embedding import refs
from engine.exhibits.exhibit import Exhibit, Lesson, Plate, kind
from engine.exhibits.pictures import Draw
from engine.explain.projection import nearest
from engine.figures.tables import Table, cell

if TYPE_CHECKING:
    from engine.session.lab import Lab


MOST = 8
"""Neighbours that are shown."""

NEIGHBOURS = kind(
    "neighbours",
    "concepts",
    Lesson(
        what="One test picture, and the pictures that the backbone finds most like it. The number is the cosine of "
        "their embeddings: 1 is the same direction. It is taken in the whole space, not on the map.",
        why="If a picture's neighbours are of another class, the backbone itself takes it for one of those, and no "
        "weight learnt later can do much about it. If they are of its own class and it is still wrong, the mistake was "
        "made later.",
        reading="Count how many neighbours share its class, and look at what the others have in common with it: often "
        "it is the background or the pose.",
        caveats="Nearest is relative: somebody is always nearest, however far. Small differences of the cosine mean "
        "little. The pictures are taken from those on the map only.",
    ),
    ("image_likeness",),
)


def neighbours(lab: Lab, atlas: Atlas, point: int) -> tuple[Ints, Floats]:
    """Indices of the nearest images on the map, the nearest first, and their cosines."""
    return nearest(features(lab, atlas), point, MOST)


def nearby(lab: Lab, atlas: Atlas, point: int, draw: Draw) -> Exhibit:
    """The images nearest to one.

    Args:
        point: index of the image on the map.
    """
    near, cosines = neighbours(lab, atlas, point)
    own = int((atlas.positions[near] == atlas.positions[point]).sum())
    members = [point, *near.tolist()]
    words = ["the chosen image", *(f"cosine {cosine:.3f}" for cosine in cosines)]
    pictures = draw(SPLIT, [int(atlas.rows[i]) for i in members])
    return Exhibit(
        NEIGHBOURS,
        f"{own} of {len(near)} nearest are also {name_of(lab, atlas, point)}",
        "By the cosine of their embeddings, in the whole space",
        tuple(
            Plate(picture, name_of(lab, atlas, i), word)
            for picture, i, word in zip(pictures, members, words, strict=True)
        ),
        lambda: _table(lab, atlas, near, cosines),
    )


def name_of(lab: Lab, atlas: Atlas, index: int) -> str:
    """The class of a point's image."""
    return str(lab.view.class_names[lab.stream.class_order[int(atlas.positions[index])]])


def _table(lab: Lab, atlas: Atlas, near: Ints, cosines: Floats) -> Table:
    return {
        "image": [*refs(atlas, near.tolist())],
        "class": [name_of(lab, atlas, i) for i in near.tolist()],
        "cosine": [cell(cosine) for cosine in cosines],
    }
