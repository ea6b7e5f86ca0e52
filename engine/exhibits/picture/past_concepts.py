"""One answer of a model with a side channel: how much of it comes past the concepts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.exhibits.case import Case
from engine.exhibits.exhibit import Exhibit, Lesson, kind
from engine.exhibits.missing import Missing
from engine.explain.contributions import PAST, side_name
from engine.figures.past_concepts import parts_bar
from engine.figures.tables import Table, cell
from engine.metrics.wording import percent

if TYPE_CHECKING:
    from engine.explain.past_concepts import PastConcepts

BESIDE = kind(
    "past-concepts",
    "picture",
    Lesson(
        what="The lead of the answer over the strongest other class, divided between what the concepts add, with a "
        "constant, and what the model adds beside single concepts.",
        why="Some models keep a way around their concepts, because it makes them more accurate. Whatever goes that way "
        "is not explained by any concept and cannot be corrected by one.",
        reading="A short hatched part: the concepts decide. A long one: the reasons above tell little of this answer. "
        "The headline says whether the answer would be another without it.",
        caveats="Parts of opposite sign cancel, so shares are of their sizes. That a part is small here does not make "
        "it small elsewhere; the page Concepts counts all test pictures.",
    ),
    ("past_concepts", "past_concepts_margin"),
)


def exhibit(case: Case) -> Exhibit | Missing:
    """The parts of the answer's lead."""
    from engine.explain.past_concepts import past_concepts
    from engine.methods.base import METHODS

    if not METHODS.get(case.lab.config.method).learns_concepts:
        return Missing("No concept decides", "this method compares pictures with whole classes")
    if case.snapshot.side is None:
        return Missing("Nothing comes past the concepts", "this model answers from its concepts alone")
    found = past_concepts(case.snapshot, case.subject.feature[None])
    name = side_name(case.snapshot)
    return Exhibit(
        BESIDE,
        _told(case, found, name),
        f"{_lead(case, found)}, in logits. The share is by size, against concepts and constant together",
        parts_bar(
            [
                ("concepts" if name == PAST else "concepts one by one", float(found.concepts[0])),
                ("constant", float(found.bias[0])),
            ],
            (name, float(found.side[0])),
            float(found.share[0]),
        ),
        lambda: _table(found, name),
    )


def _told(case: Case, found: PastConcepts, name: str) -> str:
    """The share, and what the answer would be without it."""
    much = f"{percent(float(found.share[0]))} of this answer comes {'' if name == PAST else 'from '}{name}"
    if not found.changes[0]:
        return f"{much}; without it the answer would be the same"
    return f"{much}; without it the answer would be {case.names[found.without[0]]}"


def _lead(case: Case, found: PastConcepts) -> str:
    answer, rival = case.names[found.answers[0]], case.names[found.rivals[0]]
    return f"Logit of {answer}" if answer == rival else f"Lead of {answer} over {rival}"


def _table(found: PastConcepts, name: str) -> Table:
    parts = {"concepts": found.concepts, "constant": found.bias, name: found.side, "lead": found.lead}
    return {"part": list(parts), "logits": [cell(float(values[0])) for values in parts.values()]}
