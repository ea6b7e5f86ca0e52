"""Distances to classes, each measured by the class's own covariance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.model.side_channel import SIDE_CHANNELS, SideChannel

if TYPE_CHECKING:
    from torch import Tensor


@SIDE_CHANNELS.register
@dataclass(frozen=True)
class MahalanobisSide(SideChannel):
    """Distances to classes.

    The squared Mahalanobis distance is kept as the length of a vector, |F (x - m)|^2 with F'F the inverse covariance:
    so it cannot become negative by rounding, and its gradient is as exact as itself.

    Attributes:
        means: [C, D].
        factors: [C, D (D + 1) / 2], the lower triangle of each class's F, row by row.
    """

    axes: ClassVar[Mapping[str, int]] = {"means": 2, "factors": 2}

    means: Tensor
    factors: Tensor

    def logits(self, features: Tensor, scores: Tensor) -> Tensor:
        """The negative squared distance to each class."""
        import torch

        width = self.means.shape[1]
        rows, columns = torch.tril_indices(width, width, device=self.factors.device)
        found = []
        for mean, triangle in zip(self.means, self.factors, strict=True):  # [N, D] at a time, not [N, C, D]
            factor = triangle.new_zeros(width, width).index_put((rows, columns), triangle)
            found.append(-((features - mean) @ factor.T).square().sum(1))
        return torch.stack(found, 1)

    def why_not(self, width: int, concepts: int, classes: int) -> str | None:
        """A mean and a triangle a class."""
        if tuple(self.means.shape) != (classes, width):
            return f"its means are {tuple(self.means.shape)} instead of {(classes, width)}"
        wanted = classes, width * (width + 1) // 2
        if tuple(self.factors.shape) != wanted:
            return f"its factors are {tuple(self.factors.shape)} instead of {wanted}"
        return None
