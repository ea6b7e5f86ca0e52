"""Where one concept is seen on the picture: by its words, and by the direction that was learnt for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats
from engine.backbone.presets import taught_parts
from engine.exhibits.case import Case
from engine.exhibits.exhibit import Exhibit, Lesson, Plate, kind
from engine.figures.heat import data_address, overlay
from engine.figures.look import MINUS
from engine.figures.tables import Table, cell

if TYPE_CHECKING:
    from torch import Tensor


CONCEPT_MAP = kind(
    "concept-map",
    "picture",
    Lesson(
        what="Where on the picture one concept is seen. Once by its words, as the model could see it before it was "
        "trained, and once by the direction that training has made of them.",
        why="A right score for a wrong reason shows here: a red back that is seen in the background is no red back.",
        reading="Blue is where the concept is seen, orange where its opposite is, and grey where neither. Compare the "
        "two maps: where they differ, training has taught the concept to look elsewhere.",
        caveats="The maps are coarse: the model sees the picture as a few large squares, and each square knows a bit "
        "of its neighbours. Both maps share one scale, so a pale map is a weak one.",
    ),
    ("heat_map",),
)


@dataclass(frozen=True, slots=True)
class Maps:
    """Both maps of a concept.

    Attributes:
        concept: its index.
        words, learnt: [g, g], patches times the concept's text embedding, and times its learnt row at unit length.
    """

    concept: int
    words: Floats
    learnt: Floats

    @property
    def limit(self) -> float:
        """The largest size on either, which is drawn strongest."""
        return float(max(np.abs(self.words).max(), np.abs(self.learnt).max()))


def patches(case: Case) -> Tensor:
    """What the model sees of each square of the picture, [1, P, D].

    Raises:
        NotApplicable: the backbone keeps no patches.
    """
    return case.lab.patches(case.subject.pixels[None], case.moment)


def maps(case: Case, concept: int, seen: Tensor | None = None) -> Maps:
    """Map a concept.

    Args:
        seen: `patches(case)`, where somebody has kept them.

    Raises:
        NotApplicable: the backbone keeps no patches.
    """
    from torch import stack
    from torch.nn.functional import normalize

    from engine.explain.maps import concept_maps

    directions = stack([case.snapshot.bank.embeddings[concept], case.snapshot.bottleneck[concept]])
    looked = patches(case) if seen is None else seen
    words, learnt = concept_maps(looked, normalize(directions, dim=1))[0].double().numpy()
    return Maps(concept, words, learnt)


def exhibit(case: Case, found: Maps) -> Exhibit:
    """The picture, and both maps on it."""
    words, limit = case.words[found.concept], found.limit
    return Exhibit(
        CONCEPT_MAP,
        _told(case, found),
        "Blue where the concept is seen, orange where the opposite is; both maps of unit directions, on one scale from "
        f"{_number(-limit)} to +{limit:.2f}. {_sum(case, found)}{_taught(case)}",
        (
            Plate(data_address(case.picture), "The picture without a map"),
            Plate(data_address(overlay(case.picture, found.words, limit)), f"Where the words “{words}” fit"),
            Plate(data_address(overlay(case.picture, found.learnt, limit)), f"Where the learnt “{words}” is seen"),
        ),
        lambda: _table(found),
    )


def _told(case: Case, found: Maps) -> str:
    words, learnt = case.words[found.concept], found.learnt
    if learnt.max() <= 0 or case.scores[found.concept] <= case.levels.threshold[found.concept]:
        return f"“{words}” scores as absent from this picture"
    down, across = np.unravel_index(learnt.argmax(), learnt.shape)
    return f"“{words}” is seen most {_place(float(down + 0.5) / len(learnt), float(across + 0.5) / len(learnt))}"


def _place(down: float, across: float) -> str:
    """A place on the picture in words."""
    rows = "at the top" if down < 1 / 3 else "at the bottom" if down > 2 / 3 else "in the middle"
    side = " left" if across < 1 / 3 else " right" if across > 2 / 3 else ""
    return f"{rows}{side}"


def _sum(case: Case, found: Maps) -> str:
    """How the learnt map adds up to the score; no full stop."""
    length = float(case.snapshot.bottleneck[found.concept].norm())
    score = float(case.scores[found.concept])
    if not case.lab.is_additive:
        return f"Score {_number(score)}. This backbone pools by a token of its own: the map is a hint, not a sum"
    mean = _number(float(found.learnt.mean()), 3)
    return f"The learnt map's mean {mean} times the direction's length {length:.2f} is the score {_number(score)}"


def _taught(case: Case) -> str:
    told = taught_parts(case.lab.config.backbone)
    return f". {told}" if told else ""


def _number(value: float, digits: int = 2) -> str:
    return f"{MINUS if value < 0 else ''}{abs(value):.{digits}f}"


def _table(found: Maps) -> Table:
    side = len(found.learnt)
    return {
        "row": [i + 1 for i in range(side) for _ in range(side)],
        "column": [j + 1 for _ in range(side) for j in range(side)],
        "by its words": [cell(v) for v in found.words.ravel().tolist()],
        "by the learnt direction": [cell(v) for v in found.learnt.ravel().tolist()],
    }
