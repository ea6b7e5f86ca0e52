"""Expected change in target prediction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats
from engine.interventions.base import POLICIES, Policy, State


@POLICIES.register
@dataclass(frozen=True)
class ECTP(Policy):
    """ECTP: the answer expected to change most.

    Expected change in target prediction, (1 - p) |P(y | absent) - P(y)| + p |P(y | present) - P(y)|, over all classes
    (Shin et al., "A Closer Look at the Intervention Procedure of Concept Bottleneck Models", ICML 2023).
    """

    def urgency(self, state: State) -> Floats:
        """0 (neither answer changes anything) to 2."""
        change = np.abs(state.after - state.classes[:, None, None]).sum(-1)  # [N, U, 2]
        return np.asarray((1 - state.present) * change[..., 0] + state.present * change[..., 1], np.float64)
