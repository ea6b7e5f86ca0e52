"""The classes whose training images an image is most like, whatever the head says.

A class's prototype is the mean embedding of its training images, kept in the class statistics; nearness is the cosine.
An image whose nearest prototype is its true class but whose prediction is not was lost in the bottleneck or the head.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F

if TYPE_CHECKING:
    from torch import Tensor

    from engine.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class Prototype:
    """One near class.

    Attributes:
        position: row of the head.
        cosine: between the image and the class's mean training embedding, -1..1; higher is nearer.
    """

    position: int
    cosine: float


def nearest(snapshot: Snapshot, feature: Tensor, count: int) -> tuple[Prototype, ...]:
    """The `count` nearest classes of an embedding [D], the nearest first; fewer where fewer are known."""
    means = F.normalize(snapshot.classes.means.double(), dim=1)  # [C, D]
    near = means @ F.normalize(feature.double(), dim=0)  # [C]
    order = torch.argsort(near, descending=True, stable=True)[:count]
    return tuple(Prototype(int(c), float(near[c])) for c in order)
