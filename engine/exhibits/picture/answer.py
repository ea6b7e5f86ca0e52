"""The picture, and what the model takes it for."""

from __future__ import annotations

from engine.errors import ModelDropped
from engine.exhibits.case import Case
from engine.exhibits.exhibit import Exhibit, Lesson, Plate, kind
from engine.exhibits.tasks.classes import task_of
from engine.figures.bars import HtmlFigure
from engine.figures.heat import data_address
from engine.figures.look import certainty, percent
from engine.figures.odds import ANSWER as ANSWERED
from engine.figures.odds import TRUE, odds
from engine.figures.plates import plate
from engine.figures.tables import Table, cell

ANSWER = kind(
    "answer",
    "picture",
    Lesson(
        what="One picture, the class that the model takes it for, and how likely it finds the best classes. The table "
        "has every class that it has learnt so far.",
        why="All that follows takes this one answer apart: which concepts made it, since when, and what would change "
        "it.",
        reading="See first whether the answer is right. Then see how sure it is: a wrong answer at 95 % is another "
        "kind of mistake than one at 40 %, where the second class was almost as likely.",
        caveats="One picture is one case. Why the model errs here need not be why it errs elsewhere. The probability "
        "is the model's own opinion of itself, and it may be too sure.",
    ),
    ("class_probability",),
)


def exhibit(case: Case) -> Exhibit:
    """The picture with its answer, and the likeliest classes."""
    marked = {ANSWERED: case.predicted, TRUE: case.true}
    return Exhibit(
        ANSWER,
        told(case),
        f"The model after task {case.moment + 1}, choosing among {len(case.names)} classes{_far(case)}",
        HtmlFigure(plate(_picture(case), *_badge(case)) + odds(case.names, case.probabilities, marked=marked).html),
        lambda: table(case),
    )


def _picture(case: Case) -> Plate:
    alt = f"The picture: {case.true_name}" if case.true_name else "The picture"
    return Plate(data_address(case.picture), alt, _class(case))


def _badge(case: Case) -> tuple[str, bool | None]:
    """What became of the answer, and whether that is good."""
    if case.is_foreign:
        return "unlike all it learnt", False
    if case.right is None:
        return ("nobody knows" if case.true_name is None else "too early"), None
    if case.right:
        return "\N{CHECK MARK} right", True
    return f"\N{BALLOT X} {'once right, now wrong' if _once_right(case) else 'wrong'}", False


def _once_right(case: Case) -> bool:
    """Whether an earlier model was; of models that were dropped nobody knows, and "wrong" is right without them."""
    try:
        return any(m.right for m in case.story[: case.moment])
    except ModelDropped:
        return False


def _class(case: Case) -> str:
    """Its class, and when the model learns it."""
    if case.true_name is None:
        return "Its class is not known"
    brings = task_of(case.lab.view, case.subject.class_id) if case.true is None else None
    return case.true_name + ("" if brings is None else f", which task {brings + 1} brings")


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
    name, sure = case.names[case.predicted], certainty(float(case.probabilities[case.predicted]))
    if case.right:
        return f"Rightly taken for {name} ({sure} sure)"
    if case.is_foreign:
        return f"Taken for {name} ({sure} sure), and unlike any picture it has learnt from"
    if case.true_name is None:
        return f"Taken for {name} ({sure} sure)"
    if case.true is None:
        return f"Taken for {name}; its own class comes later"
    return f"Taken for {name} ({sure} sure); it is {case.true_name}"


def short(case: Case) -> str:
    """The answer alone, where the picture's class, the odds and whether it is right stand beside it."""
    return f"{'Rightly taken' if case.right else 'Taken'} for {case.names[case.predicted]}"


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
