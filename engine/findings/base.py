"""What a finding is: a sentence computed from a run by a declared rule, with its number and the view that proves it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from engine.registry import Registry
from engine.runs.dossier import Dossier


@dataclass(frozen=True, slots=True)
class Proof:
    """Where the reader can see it: a page and what its address must hold besides run and task."""

    page: str
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing worth saying of a run.

    Attributes:
        rule: name of the rule that found it.
        headline: the finding in a few plain words, with its number.
        detail: one sentence more: of how many, against what, how sure.
        value, unit: the number of the headline, and `"points"`, `"share"`, `"task"`, ...
        weight: 0..1, how much it deserves to be read first.
        proof: the view that shows it.
        caveat: what it does not mean.
    """

    rule: str
    headline: str
    detail: str
    value: float
    unit: str
    weight: float
    proof: Proof
    caveat: str


class Rule(ABC):
    """A rule. First line of a subclass's docstring: its title; the rest: when it speaks and when it is silent."""

    name: ClassVar[str]

    @abstractmethod
    def find(self, dossier: Dossier) -> Finding | None:
        """What the rule has to say of a run at a moment, or None. Reads stored numbers only: no torch."""


RULES: Registry[Rule] = Registry("engine.findings", "rule")


def findings(dossier: Dossier) -> list[Finding]:
    """What all rules say, the weightiest first."""
    found = [finding for name in RULES if (finding := RULES.get(name)().find(dossier)) is not None]
    return sorted(found, key=lambda finding: (-finding.weight, finding.rule))
