"""Convolutional towers whose embedding is the mean over their last grid: each of its cells has a place in joint space.

Mean pooling and a linear map may change places, so a cell's features through the map are its share of the embedding,
exactly (Zhou et al. 2016, "Learning Deep Features for Discriminative Localization", for the classifier's map).
"""

from __future__ import annotations

from typing import Any

from torch import Tensor, nn

_AVERAGE = "avg"


def is_averaged(visual: Any) -> bool:
    """Whether a visual tower of open_clip is a convolutional net, a mean over its last grid, and a linear map.

    Only timm's EfficientNets are known to have nothing else between the grid and the map.
    """
    trunk: Any = getattr(visual, "trunk", None)
    head = getattr(visual, "head", None)
    if type(trunk).__name__ != "EfficientNet" or not isinstance(head, nn.Sequential):
        return False
    plain = isinstance(trunk.classifier, nn.Identity) and trunk.global_pool.pool_type == _AVERAGE
    return plain and all(isinstance(part, nn.Linear | nn.Dropout) for part in head)


def cells(visual: Any, pixels: Tensor) -> Tensor:
    """The last grid of an averaged tower in the joint space, [B, P, D], row by row; its mean over P is the embedding.

    Args:
        pixels: [B, 3, S, S], less the tower's mean and by its deviation.
    """
    features = visual.trunk.forward_features(pixels)  # [B, C, g, g]
    found: Tensor = visual.head(features.flatten(2).transpose(1, 2))  # [B, P, D]
    return found


def cells_along(visual: Any, side: int) -> int:
    """How many cells lie along the side of an image of so many pixels."""
    return -(-side // int(visual.trunk.feature_info[-1]["reduction"]))
