"""Expected uncertainty decrease in target prediction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats
from engine.interventions.base import POLICIES, Policy, Singles, State

_LEAST = 1e-12  # keeps the logarithm of a probability that underflowed to 0 finite


@POLICIES.register
@dataclass(frozen=True)
class EUDTP(Policy):
    """EUDTP: the answer expected to settle most.

    Expected uncertainty decrease in target prediction: entropy of the classes now, minus its expectation after the
    answer (Shin et al., "A Closer Look at the Intervention Procedure of Concept Bottleneck Models", ICML 2023).
    """

    def urgency(self, state: State) -> Floats:
        """In nats; negative where an answer is expected to unsettle."""
        later = _entropy(state.after)  # [N, U, 2]
        expected = (1 - state.present) * later[..., 0] + state.present * later[..., 1]
        return np.asarray(_entropy(state.classes)[:, None] - expected, np.float64)


def _entropy(shares: Singles) -> Singles:
    """[..., C] -> [...], in nats."""
    return np.asarray(-(shares * np.log(np.maximum(shares, _LEAST))).sum(-1), np.float32)
