"""Any concept."""

from __future__ import annotations

from dataclasses import dataclass

from engine.array_types import Floats
from engine.interventions.base import POLICIES, Policy, State


@POLICIES.register
@dataclass(frozen=True)
class Random(Policy):
    """Random.

    In no particular order, another one for every image: what every other policy has to beat (Koh et al., "Concept
    Bottleneck Models", ICML 2020).
    """

    def urgency(self, state: State) -> Floats:
        """The image's own noise."""
        return state.noise
