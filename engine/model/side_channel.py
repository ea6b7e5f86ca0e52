"""What reaches the logits beside the concepts: a residual, random features, distances to classes, energies.

A bottleneck without one answers from its concept scores alone. With one, something of the image passes by them; Havasi
et al., "Addressing Leakage in Concept Bottleneck Models", NeurIPS 2022, call that a side channel. Some black boxes are
the extreme: their head is zero, and all of the answer comes this way.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar, Self

from engine.registry import Registry

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class SideChannel:
    """Base of all kinds: a frozen dataclass of float32 tensors, registered under its file's stem.

    The first line of its docstring says in a few words what passes by the concepts.
    """

    name: ClassVar[str]
    axes: ClassVar[Mapping[str, int]]
    """How many axes each field has; every field is listed."""
    through_concepts: ClassVar[bool] = False
    """Whether it depends on the concept scores, so that who sets a concept acts through it too."""

    def logits(self, features: Tensor, scores: Tensor) -> Tensor:
        """What is added to the logits, [N, C]; differentiable, and the same whenever it is asked.

        Args:
            features: unit-length embeddings, [N, D].
            scores: concept scores, [N, K].
        """
        raise TypeError(f"{type(self).__name__} does not define this")

    def why_not(self, width: int, concepts: int, classes: int) -> str | None:
        """Why its arrays do not fit a model of D = `width`, K = `concepts` and C = `classes`, in words, or None."""
        raise TypeError(f"{type(self).__name__} does not define this")

    @property
    def tensors(self) -> dict[str, Tensor]:
        """Its arrays by field."""
        return {name: getattr(self, name) for name in self.axes}

    def to(self, device: torch.device) -> Self:
        """The same on a device."""
        moved = {name: tensor.to(device) for name, tensor in self.tensors.items()}
        return dataclasses.replace(self, **moved)  # type: ignore[type-var]


SIDE_CHANNELS: Registry[SideChannel] = Registry("engine.model.side_channels", "side channel")
