"""Loss on concept prediction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats
from engine.interventions.base import POLICIES, Policy, State


@POLICIES.register
@dataclass(frozen=True)
class LCP(Policy):
    """LCP: the worst mistake first (oracle).

    Loss on concept prediction, |c_hat - c|: what is furthest from the truth (Shin et al., "A Closer Look at the
    Intervention Procedure of Concept Bottleneck Models", ICML 2023). It knows every answer before it asks: a bound.
    """

    needs_truth = True

    def urgency(self, state: State) -> Floats:
        """0 (known already) to 1."""
        assert state.truth is not None  # declared in needs_truth
        return np.abs(state.present - state.truth)
