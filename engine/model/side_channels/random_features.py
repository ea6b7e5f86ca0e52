"""Random features: the answer is linear in what a fixed random layer makes of the embedding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.model.side_channel import SIDE_CHANNELS, SideChannel

if TYPE_CHECKING:
    from torch import Tensor


@SIDE_CHANNELS.register
@dataclass(frozen=True)
class RandomFeatures(SideChannel):
    """A random layer.

    McDonnell et al., "RanPAC: Random Projections and Pre-trained Models for Continual Learning", NeurIPS 2023.

    Attributes:
        projection: [D, M], drawn once and never trained.
        weights: [C, M].
    """

    axes: ClassVar[Mapping[str, int]] = {"projection": 2, "weights": 2}

    projection: Tensor
    weights: Tensor

    def logits(self, features: Tensor, scores: Tensor) -> Tensor:
        """W relu(R' x)."""
        return (features @ self.projection).relu() @ self.weights.T

    def why_not(self, width: int, concepts: int, classes: int) -> str | None:
        """The layer takes embeddings, and every class weighs what it makes of them."""
        layer, weights = tuple(self.projection.shape), tuple(self.weights.shape)
        if layer[0] != width or layer[1] == 0:
            return f"its random layer is {layer}, and embeddings have {width} dimensions"
        if weights != (classes, layer[1]):
            return f"its weights are {weights} instead of {(classes, layer[1])}"
        return None
