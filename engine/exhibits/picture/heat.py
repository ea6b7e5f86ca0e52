"""Where a model sees what was changed about a bird: the concepts of the old value and of the new, on both pictures."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.array_types import Floats
from engine.data.aviary.bird import Bird
from engine.data.aviary.render import render
from engine.exhibits.exhibit import Exhibit, Lesson, Plate, kind
from engine.exhibits.naming import STARTS, differing, title_of, worded
from engine.explain.wording import signed
from engine.figures.heat import data_address, overlay

if TYPE_CHECKING:
    from torch import Tensor

    from engine.model.snapshot import Snapshot
    from engine.session.lab import Lab

HEAT = kind(
    "redrawn-heat",
    "picture",
    Lesson(
        what="Where on the bird the model finds the concept of what was changed: that of the old value and that of the "
        "new one, on the picture before and after.",
        why="A concept that is found in the wrong place is right by accident, if it is right at all.",
        reading="Blue adds to the concept's score, orange takes away. The blue should sit on the part of the bird that "
        "the concept names, and leave when the change takes it away.",
        caveats="Patches are coarse, and the backbone lets them look at each other, so blue can stand beside what it "
        "stems from. Each concept has a scale of its own.",
    ),
    ("heat_map",),
)
_SIDE = 280
"""Pixels of a heat map."""

Tokens = Callable[[Bird], "Tensor"]
"""Patch tokens [1, P, D] of a drawn bird."""


def fresh_tokens(lab: Lab, task: int) -> Tokens:
    """Draws and embeds a bird whenever it is asked; a page keeps what it has embedded."""
    return lambda bird: lab.patches(render(bird, lab.image_size)[None], task)


def heat(snapshot: Snapshot, before: Bird, after: Bird, attribute: int, tokens: Tokens) -> Exhibit:
    """Heat maps of the concepts that name an attribute's old value and its new one.

    Args:
        attribute: in which the two birds differ.

    Raises:
        NotApplicable: the backbone keeps no patch tokens.
    """
    from engine.explain.contributions import mean_scores

    means, birds = mean_scores(snapshot), (before, after)
    pictures, patches = [render(one, _SIDE) for one in birds], [tokens(one) for one in birds]
    plates: list[Plate] = []
    missing: list[str] = []
    for one in birds:
        code = one.values[attribute]
        concept = _concept(snapshot, int(STARTS[attribute]) + code)
        if concept is None:
            missing.append(worded(attribute, code))
            continue
        maps = [_map(found, snapshot, concept) - means[concept] for found in patches]
        plates += _plates(snapshot.bank.concepts[concept].text, pictures, maps)
    note = "Patch scores of the learnt concept, against its mean over the classes: blue adds, orange takes away"
    note += "".join(f". No concept of this run names {words}" for words in missing)
    return Exhibit(HEAT, f"Where it sees the {title_of(attribute)}", note, tuple(plates))


def last_changed(before: Bird, after: Bird) -> int:
    """The last of the attributes in which two birds differ."""
    return differing(before.values, after.values)[-1]


def _plates(text: str, pictures: list[npt.NDArray[np.uint8]], maps: list[Floats]) -> list[Plate]:
    limit = float(max(np.abs(one).max() for one in maps))
    return [
        Plate(
            data_address(overlay(picture, found, limit)), f"{text}, {when}", f"score {signed(float(found.mean()), 3)}"
        )
        for picture, found, when in zip(pictures, maps, ("before", "after"), strict=True)
    ]


def _map(tokens: Tensor, snapshot: Snapshot, concept: int) -> Floats:
    from engine.explain.maps import concept_maps

    return np.asarray(concept_maps(tokens, snapshot.bottleneck[[concept]])[0, 0].double().numpy())


def _concept(snapshot: Snapshot, column: int) -> int | None:
    """The concept that speaks of a value; of several the one whose weights are largest."""
    sizes = snapshot.head.abs().sum(0)
    found = [k for k, concept in enumerate(snapshot.bank.concepts) if concept.truth == column]
    return max(found, key=lambda k: float(sizes[k]), default=None)
