"""What can be chosen of a measurement over a run: its settings, and the attacks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from engine.analyses.robustness import Robustness
from engine.attacks.base import ATTACKS
from engine.params import Parameter, parameters_of


@dataclass(frozen=True)
class Choices:
    """What can be chosen.

    Attributes:
        analysis: the settings of the look over a run.
        attacks: titles by name.
    """

    analysis: tuple[Parameter, ...]
    attacks: Mapping[str, str]

    def default(self, name: str) -> Any:
        """A setting of the analysis where nothing was said."""
        return next(p.default for p in self.analysis if p.name == name)


@lru_cache(maxsize=1)
def known() -> Choices:
    """Everything."""
    return Choices(parameters_of(Robustness), {name: ATTACKS.title(name) for name in ATTACKS})
