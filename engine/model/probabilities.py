"""Logits as probabilities. No torch here."""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats


def softmax(logits: Floats) -> Floats:
    """Probabilities [..., C] of logits [..., C], at the precision of the logits."""
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True))
