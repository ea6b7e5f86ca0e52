"""What is attacked: the whole pipeline from pixels in 0..1 through CLIP, bottleneck and head, in one pass."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from engine.backbone.grid import as_grid

if TYPE_CHECKING:
    from engine.backbone.clip import Backbone
    from engine.model.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class VictimOutput:
    """What the pipeline says of a batch; differentiable to the pixels where gradients are on.

    Attributes:
        scores: concept scores [B, K].
        logits: [B, C].
        maps: [B, W, g, g], patch scores of the watched directions (text- or row-guided attention), or None where
            nothing is watched or the backbone keeps no patch tokens.
    """

    scores: Tensor
    logits: Tensor
    maps: Tensor | None

    def detached(self) -> VictimOutput:
        """The same numbers without their history."""
        return VictimOutput(
            self.scores.detach(), self.logits.detach(), None if self.maps is None else self.maps.detach()
        )


@dataclass(frozen=True, slots=True)
class Victim:
    """A backbone with a model on top. It is never changed: no hooks, no gradients on its weights, no modes.

    Attributes:
        backbone: frozen, in eval mode.
        snapshot: the model after a task.
        watch: [W, D], unit-length directions whose patch scores every answer carries, or None.
    """

    backbone: Backbone
    snapshot: Snapshot
    watch: Tensor | None = None

    def answer(self, images: Tensor) -> VictimOutput:
        """Answer to images [B, 3, S, S] in 0..1. Gradients to them are contiguous, whatever the backbone's layout.

        Raises:
            BadInput: the images are not of the backbone's size.
        """
        images = _entered(images)
        if self.watch is None or not self.backbone.has_patches:
            output = self.snapshot.from_images(images, self.backbone)
            return VictimOutput(output.scores, output.logits, None)
        embedding, patches = self.backbone.look(images)  # [B, D], [B, P, D]
        output = self.snapshot.from_features(embedding)
        watched = patches.detach() @ self.watch.T  # [B, P, W]
        return VictimOutput(output.scores, output.logits, as_grid(watched.transpose(1, 2).contiguous()))

    @torch.inference_mode()
    def says(self, images: Tensor) -> VictimOutput:
        """`answer` without gradients."""
        return self.answer(images)

    def unwatched(self) -> Victim:
        """The same without watching, which is a little faster."""
        return replace(self, watch=None)


def _entered(images: Tensor) -> Tensor:
    """The same images; the gradient that flows back through them is laid out row by row.

    A convolution may hand back a gradient with its channels last, at which attacks of other libraries stop that flatten
    by `view`.
    """
    entered = images.view_as(images)
    if entered.requires_grad:
        entered.register_hook(Tensor.contiguous)  # type: ignore[no-untyped-call]
    return entered
