"""What a defence is: declared weights and the losses they weigh. `engine.defences.hardening` trains with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Protocol

from engine.params import Parameters, param
from engine.registry import Registry

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt
    from torch import Tensor

_TINY = 1e-6
"""Keeps a constant map, which has no highest patch, at zero."""


class Lessons(Protocol):
    """What a tower is tuned on: images, and groups of texts of which exactly one is true of each image.

    Attributes:
        images: uint8 [N, S, S, 3], of the backbone's size.
        codes: integers [N, A], which text of each group is true.
        sizes: number of texts of each of the A groups.
    """

    @property
    def images(self) -> npt.NDArray[np.uint8]: ...

    @property
    def codes(self) -> npt.NDArray[np.integer]: ...

    @property
    def sizes(self) -> Sequence[int]: ...

    def wordings(self, rng: np.random.Generator) -> list[str]:
        """One text for every value of every group, in order; may differ from call to call."""


@dataclass(frozen=True, slots=True)
class Views:
    """One batch as two towers see it. Maps are patch scores of the true texts, one a group.

    Attributes:
        clean, attacked: [B, A, P], the tuned tower's, on clean and on attacked images.
        original: [B, A, P], the untouched tower's on clean images.
        clean_denied, attacked_denied, original_denied: the same for the denied texts, or None if not asked for.
    """

    clean: Tensor
    attacked: Tensor
    original: Tensor
    clean_denied: Tensor | None = None
    attacked_denied: Tensor | None = None
    original_denied: Tensor | None = None


@dataclass(frozen=True)
class Defence(Parameters):
    """Base of all defences: a frozen dataclass of declared parameters, registered under its file's stem.

    The first line of a defence's docstring is its title on screen; the rest cites its source. The published recipes
    use SGD at 1e-4 on a ViT-B/32 and attacks of 1/255; here AdamW and attacks of 4/255, both declared below.
    """

    name: ClassVar[str]
    needs_denials: ClassVar[bool] = False
    """Whether it looks at the maps of denied texts too."""
    needs_maps: ClassVar[bool] = True
    """Whether it needs patch tokens in the joint space."""

    eps: float = param(4.0, low=0.1, high=64.0, unit="/255", help="Strength of the training attack (largest change).")
    attack_steps: int = param(2, low=1, high=50, help="Gradient steps of the training attack, from a random start.")
    attack_step: float = param(0.75, low=0.01, high=2.0, unit="eps", help="Length of each, as a share of its strength.")
    clean: float = param(0.0, low=0.0, high=10.0, help="Weight of the cross-entropy on clean images; published: 0.")
    lr: float = param(3e-4, low=1e-7, high=1e-1, help="Peak learning rate of AdamW.")
    weight_decay: float = param(1e-4, low=0.0, high=1.0, help="Weight decay of AdamW.")
    steps: int = param(1_200, low=1, high=1_000_000, help="Optimiser steps; the last 30 % lower the learning rate.")
    batch: int = param(64, low=2, high=4096, unit="images", help="Images per step.")
    seed: int = param(1993, low=0, high=2**31 - 1, help="Seed of batches, wordings and random starts.")

    def penalties(self, views: Views) -> dict[str, Tensor]:
        """Losses beside the cross-entropies by name, weighed."""
        return {}


DEFENCES: Registry[Defence] = Registry("engine.defences", "defence")


def normalised(maps: Tensor) -> Tensor:
    """Maps [..., P] stretched to 0..1 each."""
    low, high = maps.amin(-1, keepdim=True), maps.amax(-1, keepdim=True)
    return (maps - low) / (high - low + _TINY)


def distance(one: Tensor, other: Tensor) -> Tensor:
    """Mean over images and texts of the Euclidean distance of two maps [B, A, P]."""
    gap: Tensor = one - other
    return gap.square().sum(-1).add(_TINY**2).sqrt().mean()  # the square root of 0 has no slope
