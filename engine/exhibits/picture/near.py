"""The classes whose training images a picture is most like, whatever the head says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.exhibits.case import Case
from engine.exhibits.exhibit import Exhibit, Lesson, Plate, kind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.explain.prototypes import Prototype
    from engine.figures.tables import Table

COUNT = 6
"""Classes shown."""

NEAR = kind(
    "near-classes",
    "picture",
    Lesson(
        what="The classes whose training pictures look most like this one to the model, before it weighs any concept. "
        "One training picture stands for each.",
        why="It tells two failures apart. If the picture is nearest to its own class and the answer is still wrong, "
        "the backbone saw it rightly and the later layers lost it.",
        reading="The first picture is the nearest. A cosine of 1 would be the same direction. Compare it with the "
        "answer: do they agree?",
        caveats="Each class is boiled down to one average, so a class that looks in two ways fits neither well. "
        "Differences in the third digit mean little.",
    ),
    ("nearest_prototype",),
)


def nearest(case: Case) -> tuple[Prototype, ...]:
    """The nearest classes."""
    from engine.explain.prototypes import nearest as found

    return found(case.snapshot, case.subject.feature, COUNT)


def exhibit(case: Case, near: Sequence[Prototype], pictures: Sequence[str]) -> Exhibit:
    """The nearest classes, one training picture each.

    Args:
        pictures: data addresses, aligned with `near`; an empty text where there is none.
    """
    from engine.figures.tables import cell

    table: Table = {
        "class": [case.names[p.position] for p in near],
        "cosine": [cell(p.cosine) for p in near],
        "probability": [cell(case.probabilities[p.position], 6) for p in near],
    }
    caption = "By the mean of each class's training images; one of them is shown"
    if case.lab.changes_backbone:
        caption += (
            ". Each mean is of the backbone of its task, the picture of the newest: old means have drifted from it"
        )
    return Exhibit(
        NEAR,
        _told(case, near[0].position),
        caption,
        tuple(Plate(src, case.names[p.position], note(case, p)) for p, src in zip(near, pictures, strict=True) if src),
        lambda: table,
    )


def note(case: Case, found: Prototype) -> str:
    """The line below a class."""
    named = ("answer", found.position == case.predicted), ("true", found.position == case.true)
    marks = [word for word, on in named if on]
    return f"cosine {found.cosine:.3f}" + (f", {' and '.join(marks)}" if marks else "")


def _told(case: Case, position: int) -> str:
    name = case.names[position]
    if case.right is False and position == case.true:
        return f"It is nearest to {name}, its own class: the head or the concepts lost it"
    agrees = "as the model says" if position == case.predicted else "though the model says otherwise"
    return f"It is nearest to {name}, {agrees}"
