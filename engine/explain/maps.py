"""Where a concept is seen: heat maps of patch scores.

Text-guided: patch tokens times the concept's text embedding (Yu et al., TGA-ZSR, NeurIPS 2024). Row-guided: times the
row that the bottleneck has learnt for it, which changes with the tasks where the text does not. With an additive
backbone (`Backbone.is_additive`) the mean over a map's cells is exactly the concept's score; with class-token pooling
a map is a heuristic.
"""

from __future__ import annotations

from torch import Tensor

from engine.backbone.grid import as_grid


def concept_maps(patches: Tensor, directions: Tensor) -> Tensor:
    """Maps [B, K, g, g] of K concepts on B images.

    Args:
        patches: [B, P, D], patch tokens in the joint space, row by row (`Backbone.patches`).
        directions: [K, D], text embeddings or learned rows.

    Raises:
        NotApplicable: the patches do not form a square.
    """
    return as_grid((patches @ directions.T).transpose(1, 2))
