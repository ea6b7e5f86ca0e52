"""Contribution of a concept on target prediction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats
from engine.interventions.base import POLICIES, Policy, State


@POLICIES.register
@dataclass(frozen=True)
class CCTP(Policy):
    """CCTP: the concept that contributes most.

    Contribution of concept on target prediction, sum over classes of |c_i df_j / dc_i| (Shin et al., "A Closer Look at
    the Intervention Procedure of Concept Bottleneck Models", ICML 2023). There c_i is the predicted concept, 0..1. Here
    it is the probability that the unit is present, and c_i moves the scores of its wordings from absent to present: a
    score itself has no zero to be measured from. The head is linear, so df_j / dc_i is the sum over the wordings of
    weight times the distance of the two levels.
    """

    def urgency(self, state: State) -> Floats:
        """Sum over classes of the size of what the unit adds to the logits; 0 or more."""
        effects = state.head.weights * (state.levels.present - state.levels.absent)  # [C, K]
        slopes = np.stack([np.abs(effects[:, unit].sum(1)).sum() for unit in state.units])  # [U]
        return np.asarray(state.present * slopes, np.float64)
