"""Contribution of a concept on target prediction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.interventions.base import POLICIES, Policy, State
from engine.interventions.levels import Floats


@POLICIES.register
@dataclass(frozen=True)
class CCTP(Policy):
    """CCTP: the concept that contributes most.

    Contribution of concept on target prediction, sum over classes of |c_i df_j / dc_i| (Shin et al., "A Closer Look at
    the Intervention Procedure of Concept Bottleneck Models", ICML 2023). The head is linear: df_j / dc_i is a weight.
    """

    def urgency(self, state: State) -> Floats:
        """Sum over classes of the size of what the unit adds to the logits; 0 or more."""
        weights = state.head.weights  # [C, K]
        found = [np.abs(state.scores[:, u, None] * weights[:, u].T).sum((1, 2)) for u in state.units]  # U x [N]
        return np.stack(found, axis=1)
