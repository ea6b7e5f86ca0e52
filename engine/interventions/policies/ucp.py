"""Uncertainty of concept prediction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats
from engine.interventions.base import POLICIES, Policy, State


@POLICIES.register
@dataclass(frozen=True)
class UCP(Policy):
    """UCP: the concept it is least sure of.

    Uncertainty of concept prediction, 1 / |p - 0.5| (Shin et al., "A Closer Look at the Intervention Procedure of
    Concept Bottleneck Models", ICML 2023). Ordered by -|p - 0.5|, which is the same order and stays finite.
    """

    def urgency(self, state: State) -> Floats:
        """0 where the model is undecided, -0.5 where it is sure."""
        urgency: Floats = -np.abs(state.present - 0.5)
        return urgency
