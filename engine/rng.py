"""Randomness is explicit: one stream per role, derived from the run's seed and never shared.

Because a stream depends only on (seed, role, counters), a resumed run draws the same numbers as one that never stopped,
and adding a consumer does not disturb the others.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import torch


def _entropy(seed: int, role: str, counters: tuple[int, ...]) -> list[int]:
    return [seed, zlib.crc32(role.encode()), *counters]


def numpy_stream(seed: int, role: str, *counters: int) -> np.random.Generator:
    """NumPy generator for one role, for example `numpy_stream(1993, "validation", class_id)`.

    A role always takes the same number of counters: NumPy pads seeds with zeros, so a missing counter equals a zero.
    """
    return np.random.default_rng(_entropy(seed, role, counters))


def torch_stream(seed: int, role: str, *counters: int) -> torch.Generator:
    """CPU torch generator for one role. Sampling happens on the CPU so that every device sees the same numbers."""
    import torch

    state = np.random.SeedSequence(_entropy(seed, role, counters)).generate_state(1, np.uint64)
    return torch.Generator().manual_seed(int(state[0] >> np.uint64(1)))
