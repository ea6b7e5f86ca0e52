"""What stands behind a weight: a class in words, and the images on which a concept adds most and least to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Bools, Floats, Ints
from engine.exhibits.exhibit import Exhibit, Lesson, Plate, kind
from engine.exhibits.pictures import Draw
from engine.explain.wording import Clause, sentence, signed
from engine.figures.clauses import clause_bars
from engine.figures.tables import Table, cell
from engine.figures.weights import digits

if TYPE_CHECKING:
    from engine.session.lab import Lab


EACH = 6
"""Images at either end."""
SPLIT = "test"

DEFINITION = kind(
    "definition",
    "concepts",
    Lesson(
        what="One class as the model would define it: the few concepts that set it apart from the other classes, each "
        "with a number.",
        why="A person can check a definition. If it says what an expert would say, the model looks at the right "
        "things; if it names a background or nonsense, it was lucky.",
        reading="A plus means that the class has the concept; NOT means that it is known by the lack of it. The larger "
        "the number, the more the answer moves when the concept is seen more clearly.",
        caveats="It compares the class with the others learnt so far, so it changes when new classes arrive. Weak "
        "reasons are left out, and many weak ones together can outweigh those named. The words are what the concept "
        "was called at the start; whether it still means them is another question.",
    ),
    ("contribution", "nec"),
)
EVIDENCE = kind(
    "evidence",
    "concepts",
    Lesson(
        what="Test pictures of one class, with what one concept adds to the answer for that class on each: the weight "
        "times the score. First those where it adds most, then those where it adds least.",
        why="A weight is only a number. The pictures show what it reacts to.",
        reading="Look at what the pictures at one end share and those at the other lack. If that is the concept's "
        "name, good. If it is the background or the pose, the weight rests on something else.",
        caveats="These are the extremes of one class; most pictures lie between. What differs between the ends need "
        "not be what the model sees. A tick means that the picture was recognised, whatever this concept added.",
    ),
    ("contribution",),
)


@dataclass(frozen=True)
class Behind:
    """One weight and the n test images of its class.

    Attributes:
        words, name: of the concept and the class; any text.
        moment: the task after which the weight holds.
        weight: of the head.
        rows: of the test split, [n].
        scores: the concept's score on each, [n].
        right: which are recognised, [n].
    """

    words: str
    name: str
    moment: int
    weight: float
    rows: Ints
    scores: Floats
    right: Bools

    @property
    def adds(self) -> Floats:
        """What the concept adds to the class's logit, [n]."""
        return np.asarray(self.weight * self.scores, np.float64)

    @property
    def places(self) -> int:
        """Decimals that tell these numbers apart."""
        return digits(float(np.abs(self.adds).max(initial=0.0)))


def behind(lab: Lab, moment: int, position: int, concept: int) -> Behind:
    """The weight of a concept for the class at `position` of the head."""
    snapshot, sample = lab.snapshot(moment), lab.sample(SPLIT, moment)
    mine = sample.labels.numpy() == position
    return Behind(
        snapshot.bank.concepts[concept].text,
        lab.view.class_names[snapshot.class_ids[position]],
        moment,
        float(snapshot.head[position, concept]),
        sample.rows[mine],
        (sample.features[mine] @ snapshot.bottleneck[concept]).double().numpy(),
        lab.predicted(SPLIT, moment)[mine] == position,
    )


def ends(values: Floats, count: int) -> tuple[Ints, Ints]:
    """Indices of the `count` largest values, largest first, and of the `count` smallest, smallest first.

    Where there are fewer than twice as many values, both lists are shorter and have none in common.
    """
    order = np.argsort(-np.asarray(values, np.float64), kind="stable")
    high = order[: min(count, -(-len(order) // 2))]
    low = order[::-1][: min(count, len(order) // 2)]
    return high.astype(np.int64), low.astype(np.int64)


def evidence(found: Behind, draw: Draw) -> Exhibit:
    """The images at both ends."""
    high, low = ends(found.adds, EACH)
    pictures = draw(SPLIT, [int(found.rows[i]) for i in (*high, *low)])
    words = ["adds most"] * len(high) + ["adds least"] * len(low)
    plates = tuple(
        Plate(picture, f"{signed(float(found.adds[i]), found.places)}, {word}", fate(bool(found.right[i])))
        for i, picture, word in zip((*high, *low), pictures, words, strict=True)
    )
    printed = signed(found.weight, digits(found.weight) + 1)
    return Exhibit(
        EVIDENCE,
        _told(found),
        f"Weight {printed} times the score, on the class's {len(found.rows)} test images after task {found.moment + 1}",
        plates,
        lambda: _evidence_table(found),
    )


def fate(right: bool) -> str:
    """What became of a picture."""
    return "recognised" if right else "not recognised"


def definition(name: str, clauses: Sequence[Clause], moment: int, pictures: Sequence[str]) -> Exhibit:
    """A class in words, over pictures of it.

    Args:
        pictures: data addresses of some of its images.
    """
    return Exhibit(
        DEFINITION,
        sentence(name, clauses),
        f"What sets the class apart after task {moment + 1}; numbers are in units of the logit",
        clause_bars(clauses, [Plate(src, name, f"training image {number}") for number, src in enumerate(pictures, 1)]),
        lambda: _clause_table(clauses),
    )


def _told(found: Behind) -> str:
    adds = found.adds
    if not len(adds):
        return f"“{found.words}” for {found.name}: there are no test images"
    low, high = signed(float(adds.min()), found.places), signed(float(adds.max()), found.places)
    many = f"{low} to {high}" if low != high else low
    return f"“{found.words}” adds {many} to {found.name}"


def _evidence_table(found: Behind) -> Table:
    order = np.argsort(-found.adds, kind="stable").tolist()
    return {
        "image": [f"{SPLIT}:{found.rows[i]}" for i in order],
        "adds": [cell(found.adds[i]) for i in order],
        "score": [cell(found.scores[i]) for i in order],
        "recognised": ["yes" if found.right[i] else "no" for i in order],
    }


def _clause_table(clauses: Sequence[Clause]) -> Table:
    return {
        "concept": [c.text for c in clauses],
        "negated": ["NOT" if c.negated else "" for c in clauses],
        "value": [cell(c.value) for c in clauses],
        "weight": [cell(c.weight) for c in clauses],
        "speaks for the class by": [cell(c.gain) for c in clauses],
    }
