"""Greedy oracle."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.array_types import Floats
from engine.interventions.base import POLICIES, Policy, Singles, State

_LEAST = 1e-30


@POLICIES.register
@dataclass(frozen=True)
class Greedy(Policy):
    """Greedy: what helps the true class most (oracle).

    The true answer that raises the true class's probability most, one click ahead. It knows every answer and the true
    class: an upper bound of what clicks can do, as the greedy policy of Espinosa Zarlenga et al., "Learning to Receive
    Help: Intervention-Aware Concept Embedding Models", NeurIPS 2023.
    """

    needs_truth = True
    needs_labels = True

    def urgency(self, state: State) -> Floats:
        """Rise of the true class's log probability after the true answer, in nats."""
        assert state.truth is not None and state.labels is not None  # declared in needs_truth, needs_labels
        rows = np.arange(len(state.scores))
        then = state.after[rows, :, :, state.labels]  # [N, U, 2]
        told = np.take_along_axis(then, state.truth[..., None].astype(np.int64), axis=2)[..., 0]  # [N, U]
        return _log(told) - _log(state.classes[rows, state.labels])[:, None]


def _log(shares: Singles) -> Floats:
    """Logarithm, finite where a probability underflowed to 0."""
    return np.log(np.maximum(shares, _LEAST).astype(np.float64))
