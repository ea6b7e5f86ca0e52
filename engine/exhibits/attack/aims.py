"""What a map looks for: a class, a concept or any words; and which maps can be made of it here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.exhibits.case import Case

if TYPE_CHECKING:
    from engine.explain.attention.base import Aim, AttentionMap

TRUE, SAID, CONCEPT, TEXT = "true", "said", "concept", "text"
"""What may be looked for; of a concept or a text the words follow: `concept:red crown`, `text:long tail`."""


@dataclass(frozen=True)
class Sought:
    """What is looked for.

    Attributes:
        name: as in the address.
        aim: as maps take it.
    """

    name: str
    aim: Aim


def sought(case: Case, name: str = "") -> Sought:
    """What a name in the address stands for, before this model; the true class, or the answer, without a name.

    Raises:
        BadInput: the model has no such class or concept, or the backbone does not know the words.
    """
    from engine.session import aims

    name = name or (SAID if case.true is None else TRUE)
    kind, _, words = name.partition(":")
    if kind == CONCEPT:
        row = case.words.index(words) if words in case.words else -1
        return Sought(name, aims.aim_of_concept(case.lab, case.moment, row))
    if kind == TEXT:
        return Sought(name, aims.aim_of_text(case.lab, words))
    position = case.true if kind == TRUE else case.predicted
    return Sought(name, aims.aim_of_class(case.lab, case.moment, -1 if position is None else position))


def possible(case: Case, aim: Aim) -> tuple[dict[str, AttentionMap], dict[str, str]]:
    """The maps that can be made, by name, the plainest first; and why the others cannot, by title."""
    from engine.explain.attention.base import ATTENTION
    from engine.explain.attention.choosing import impossible, titles

    reasons = impossible(case.lab.embedder.backbone, aim)
    maps = {name: ATTENTION.get(name)() for name in titles() if name not in reasons}
    return maps, {title(name): reason for name, reason in reasons.items()}


def title(name: str) -> str:
    """A map's name on screen, without what follows its colon."""
    from engine.explain.attention.base import ATTENTION

    return ATTENTION.title(name).partition(":")[0]


def note(name: str) -> str:
    """What follows the colon of a map's title: where it looks, in a few words."""
    from engine.explain.attention.base import ATTENTION

    return ATTENTION.title(name).partition(":")[2].strip()


def honest(case: Case, chosen: AttentionMap, aim: Aim) -> str:
    """What a map is, and what it is not."""
    name = title(chosen.name)
    if not chosen.follows_aim:
        return f"{name} does not depend on what is looked for. It is a heuristic, not a sum."
    if chosen.is_additive(case.lab.embedder.backbone):
        return f"{name} is exact here: its mean over the patches is the score of “{aim.words}”."
    return f"{name} is a heuristic: it does not add up to a score."
