"""What a finding is: a sentence computed from a run by a declared rule, with its number and the view that proves it."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from engine.errors import NotApplicable
from engine.registry import Registry
from engine.session.facts import RunFacts

EXHIBIT = "exhibit"
"""Name in an address of the exhibit that a link leads to."""


@dataclass(frozen=True, slots=True)
class Proof:
    """Where the reader can see it.

    Attributes:
        page: its name in the address.
        exhibit: name of the kind of exhibit that shows it, or the exhibit's own key where there are several; the page
            scrolls to it and marks it.
        query: what else the address must hold besides run and task.
    """

    page: str
    exhibit: str
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def address(self) -> dict[str, str]:
        """All of the address but the page, run and task."""
        return {**self.query, EXHIBIT: self.exhibit}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth saying of a run. Names from people stand in it as they are: escape them.

    Attributes:
        rule: name of the rule that found it.
        headline: the finding in a few plain words, with its number.
        detail: one sentence more: of how many, against what, how sure.
        value, unit: the number of the headline: `"points"` (percentage points, 17.5), `"share"` (0..1) or `"pictures"`.
        weight: 0..1, how much it deserves to be read first; see `weight`.
        proof: the view that shows it.
        caveat: what it does not mean.
        pictures: the test pictures that it is about (`engine.session.picture_sets`), with the filter of them, as the
            address of a gallery has them; empty where it is about none in particular.
    """

    rule: str
    headline: str
    detail: str
    value: float
    unit: str
    weight: float
    proof: Proof
    caveat: str
    pictures: Mapping[str, str] = field(default_factory=dict)


class Rule(ABC):
    """A rule. First line of a subclass's docstring: its title; the rest, which people read on the page: when it speaks,
    how it computes, and when it is silent."""

    name: ClassVar[str]

    @abstractmethod
    def find(self, facts: RunFacts) -> Finding | None:
        """What the rule has to say of a run at a moment, or None. Reads stored numbers only: no torch."""


RULES: Registry[Rule] = Registry("engine.findings", "rule")


def findings(facts: RunFacts) -> list[Finding]:
    """What all rules say, the weightiest first. A rule whose numbers were never measured is silent."""
    found = [finding for name in RULES if (finding := _asked(name, facts)) is not None]
    return sorted(found, key=lambda finding: (-finding.weight, finding.rule))


def weight(importance: float, size: float, large: float) -> float:
    """How much a finding deserves to be read first, 0..1.

    Half of it is what the rule is about, half how large the effect is.

    Args:
        importance: of the rule, 0..1: how much it changes what one would do with the model.
        size: of the effect, in the unit of `large`.
        large: an effect that could not be more of a message if it were larger.
    """
    return importance * (0.5 + 0.5 * min(1.0, abs(size) / large))


def how(name: str) -> str:
    """How a rule computes, as one paragraph for people: its docstring without the title."""
    text = inspect.cleandoc(RULES.get(name).__doc__ or "").partition("\n")[2]
    return " ".join(text.split())


def _asked(name: str, facts: RunFacts) -> Finding | None:
    try:
        return RULES.get(name)().find(facts)
    except NotApplicable:  # a run of an older version, or of a method that measures less
        return None
