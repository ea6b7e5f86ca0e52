"""Whether a picture is unlike everything that a model has learnt from.

The distance of a picture is 1 - cosine from its embedding to the nearest class mean of the training images. It is far
if 99 % of the validation images, of the classes learnt, are nearer to theirs. A model has to choose one of its classes
whatever it is shown; its probabilities say how the classes compare, never that none of them fits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

if TYPE_CHECKING:
    from torch import Tensor

    from engine.model.snapshot import Snapshot

QUANTILE = 0.99
"""Share of validation images within the limit: one in a hundred pictures of the known classes is called far."""


@dataclass(frozen=True, slots=True)
class Novelty:
    """How far a picture is from all that was learnt.

    Attributes:
        distance: 1 - cosine to the nearest class mean, 0..2.
        limit: what 99 % of validation images stay within.
        images: how many validation images that was chosen on.
        share: of them that are within it, `QUANTILE`.
    """

    distance: float
    limit: float
    images: int
    share: float = QUANTILE

    @property
    def is_far(self) -> bool:
        """Whether it is farther than the limit."""
        return self.distance > self.limit


def novelty(snapshot: Snapshot, feature: Tensor, known: Tensor) -> Novelty:
    """Compare a picture with pictures of the known classes.

    Args:
        feature: [D], of the picture.
        known: [N, D], of validation images; N above 0.
    """
    limit = torch.quantile(_distances(snapshot, known), QUANTILE)
    return Novelty(float(_distances(snapshot, feature[None])[0]), float(limit), len(known))


def _distances(snapshot: Snapshot, features: Tensor) -> Tensor:
    means = F.normalize(snapshot.classes.means.double(), dim=1)  # [C, D]
    return 1 - (F.normalize(features.double(), dim=1) @ means.T).max(1).values  # [N]
