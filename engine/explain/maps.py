"""Where a concept is seen: heat maps of patch scores.

Text-guided: patch tokens times the concept's text embedding (Yu et al., TGA-ZSR, NeurIPS 2024). Row-guided: times the
row that the bottleneck has learnt for it, which changes with the tasks where the text does not. With an additive
backbone (`Backbone.is_additive`) the mean over a map's cells is exactly the concept's score; with class-token pooling
a map is a heuristic.
"""

from __future__ import annotations

import math

from torch import Tensor

from engine.errors import NotApplicable


def concept_maps(patches: Tensor, directions: Tensor) -> Tensor:
    """Maps [B, K, g, g] of K concepts on B images.

    Args:
        patches: [B, P, D], patch tokens in the joint space, row by row (`Backbone.patches`).
        directions: [K, D], text embeddings or learned rows.

    Raises:
        NotApplicable: the patches do not form a square.
    """
    side = math.isqrt(patches.shape[1])
    if side * side != patches.shape[1]:
        raise NotApplicable(
            f"{patches.shape[1]} patches", "they form no square grid", "Choose a backbone with square input"
        )
    scores = patches @ directions.T  # [B, P, K]
    return scores.transpose(1, 2).reshape(len(patches), len(directions), side, side)
