"""Scores of patches as maps: the patches of a square image form a square grid, row by row from the top left."""

from __future__ import annotations

import math

from torch import Tensor

from engine.errors import NotApplicable


def as_grid(scores: Tensor) -> Tensor:
    """Scores of patches [..., P], row by row, as maps [..., g, g].

    Raises:
        NotApplicable: the patches do not form a square.
    """
    side = math.isqrt(scores.shape[-1])
    if side * side != scores.shape[-1]:
        raise NotApplicable(
            f"{scores.shape[-1]} patches", "they form no square grid", "Choose a backbone with square input"
        )
    return scores.reshape(*scores.shape[:-1], side, side)
