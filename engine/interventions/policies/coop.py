"""Cooperative prediction."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats
from engine.interventions.base import POLICIES, Policy, State
from engine.params import param

_LEAST = 1e-12  # keeps 0 log 0 at 0


@POLICIES.register
@dataclass(frozen=True)
class CooP(Policy):
    """CooP: unsure, and it matters.

    alpha H(p) + beta |E[P(y | do c)] - P(y)| - cost, where y is the class predicted now and H the concept's entropy
    (Chauhan et al., "Interactive Concept Bottleneck Models", AAAI 2023). The first weighs what the model does not know,
    the second what the answer is expected to change. Every click costs the same here, so the cost drops out.
    """

    uncertainty: float = param(0.01, low=0.0, high=100.0, help="Weight alpha of how unsure the concept is.")
    effect: float = param(1.0, low=0.0, high=100.0, help="Weight beta of the expected change of the prediction.")

    def urgency(self, state: State) -> Floats:
        """0 or more."""
        p, rows = state.present, np.arange(len(state.scores))
        best = state.classes.argmax(1)  # [N]
        then = state.after[rows, :, :, best]  # [N, U, 2]
        expected = (1 - p) * then[..., 0] + p * then[..., 1]
        change = np.abs(expected - state.classes[rows, best][:, None])
        return np.asarray(self.uncertainty * _entropy(p) + self.effect * change, np.float64)


def _entropy(p: Floats) -> Floats:
    """Of a coin, in nats."""
    return np.asarray(-p * np.log(np.maximum(p, _LEAST)) - (1 - p) * np.log(np.maximum(1 - p, _LEAST)), np.float64)
