"""A linear residual: embeddings go to the classes directly, past the concepts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.model.side_channel import SIDE_CHANNELS, SideChannel

if TYPE_CHECKING:
    from torch import Tensor


@SIDE_CHANNELS.register
@dataclass(frozen=True)
class LinearSide(SideChannel):
    """A linear residual.

    Yuksekgonul et al., "Post-hoc Concept Bottleneck Models", ICLR 2023, section 3: PCBM-h.

    Attributes:
        weights: [C, D].
    """

    axes: ClassVar[Mapping[str, int]] = {"weights": 2}

    weights: Tensor

    def logits(self, features: Tensor, scores: Tensor) -> Tensor:
        """W x."""
        return features @ self.weights.T

    def why_not(self, width: int, concepts: int, classes: int) -> str | None:
        """One row a class, as wide as the embeddings."""
        if tuple(self.weights.shape) == (classes, width):
            return None
        return f"its residual is {tuple(self.weights.shape)} instead of {(classes, width)}"
