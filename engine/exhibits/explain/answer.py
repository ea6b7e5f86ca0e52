"""The picture, and what the model takes it for."""

from __future__ import annotations

from engine.exhibits.case import Case
from engine.exhibits.exhibit import Exhibit, Lesson, Plate, kind
from engine.figures.heat import data_address
from engine.figures.look import percent
from engine.figures.tables import Table, cell

ANSWER = kind(
    "answer",
    "explain",
    Lesson(
        what="One picture, and the class that the model takes it for. The table has the probability of every class "
        "that it has learnt so far.",
        why="All that follows takes this one answer apart: which concepts made it, since when, and what would change "
        "it.",
        reading="See first whether the answer is right. Then see how sure it is: a wrong answer at 95 % is another "
        "kind of mistake than one at 40 %, where the second class was almost as likely.",
        caveats="One picture is one case. Why the model errs here need not be why it errs elsewhere. The probability "
        "is the model's own opinion of itself, and it may be too sure.",
    ),
)


def exhibit(case: Case) -> Exhibit:
    """The picture with its answer."""
    return Exhibit(
        ANSWER,
        told(case),
        f"The model after task {case.moment + 1}, choosing among {len(case.names)} classes{_far(case)}",
        (Plate(data_address(case.picture), _alt(case), f"taken for {case.names[case.predicted]}"),),
        lambda: table(case),
    )


def _far(case: Case) -> str:
    """How far a picture that somebody brought is from all that was learnt, as the end of a sentence."""
    if not case.is_foreign:
        return ""
    found = case.novelty
    return (
        f". Its embedding is {found.distance:.2f} from the nearest class mean (1 minus cosine), and "
        f"{percent(found.share)} of {found.images} validation images are within {found.limit:.2f} of theirs: none of "
        "the classes may fit"
    )


def told(case: Case) -> str:
    """The finding in words."""
    name, sure = case.names[case.predicted], percent(float(case.probabilities[case.predicted]))
    if case.right:
        return f"Rightly taken for {name} ({sure} sure)"
    if case.is_foreign:
        return f"Taken for {name} ({sure} sure), and unlike any picture it has learnt from"
    if case.true_name is None:
        return f"Taken for {name} ({sure} sure)"
    if case.true is None:
        return f"Taken for {name}; its own class comes later"
    return f"Taken for {name} ({sure} sure); it is {case.true_name}"


def table(case: Case) -> Table:
    """Every class, the most probable first."""
    return {
        "class": [case.names[c] for c in case.order],
        "probability": [cell(case.probabilities[c], 6) for c in case.order],
        "logit": [cell(case.logits[c]) for c in case.order],
        "": [
            " ".join(w for w, on in (("answer", c == case.predicted), ("true", c == case.true)) if on)
            for c in case.order
        ],
    }


def _alt(case: Case) -> str:
    return f"The picture: {case.true_name}" if case.true_name else "The picture"
