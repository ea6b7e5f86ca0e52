"""The four steps, in order. A step is one file that draws itself and says in a few words what it holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pages.ui import address
from pages.ui.bring import backbone, classes, concepts, data
from pages.ui.bring.drafting import OpenDraft

STEP = "step"
"""Name in the address of the step that is looked at."""


@dataclass(frozen=True, slots=True)
class BringStep:
    """One step.

    Attributes:
        title: what it is called.
        show: draws it.
        told: what the draft holds of it, in a few words.
        holds: parameters whose fields it draws.
    """

    title: str
    show: Callable[[OpenDraft], None]
    told: Callable[[OpenDraft], str]
    holds: frozenset[str]


STEPS: Mapping[str, BringStep] = {
    "data": BringStep("Data", data.show, data.told, data.HOLDS),
    "classes": BringStep("Classes and tasks", classes.show, classes.told, classes.HOLDS),
    "backbone": BringStep("Backbone", backbone.show, backbone.told, backbone.HOLDS),
    "concepts": BringStep("Concepts", concepts.show, concepts.told, concepts.HOLDS),
}


def chosen() -> str:
    """The step that is looked at."""
    return address.among(STEP, STEPS, next(iter(STEPS)))


def choose(step: str) -> None:
    """Look at a step. For callbacks."""
    address.choose(STEP, step)
