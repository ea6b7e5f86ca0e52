"""What each pixel adds on the way from grey to the image."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.backbone.clip import Backbone
from engine.backbone.walk import patches_along, patches_why_not
from engine.explain.attention.base import ATTENTION, Aim, AttentionMap
from engine.explain.attention.looking import aimless, checked, images_at_once, with_gradients
from engine.params import param

_FINEST = 14
"""Cells along one side, at most, where the tower has no patches to go by; as a ViT with 16 px patches at 224 px has."""


@ATTENTION.register
@dataclass(frozen=True)
class IntegratedGradients(AttentionMap):
    """Integrated gradients: what each patch adds to the score.

    Pixel minus grey, times the mean gradient on the straight way from grey to the image, summed over a patch
    (Sundararajan et al. 2017). Grey is the backbone's own mean colour. Complete: the sum over patches is the image's
    score minus that of plain grey, the better the more steps; the mean is not the score, so it is not called additive.
    Needs no patch tokens: elsewhere it uses the finest grid of at most 14 cells a side that divides the image.
    """

    signed: ClassVar[bool] = True
    follows_learning: ClassVar[bool] = True

    steps: int = param(16, low=1, high=256, unit="steps", help="Steps from grey to the image; more are more exact.")

    def why_not(self, backbone: Backbone, aim: Aim) -> str | None:
        """Needs something to look for, and cells that form a square."""
        if aimless(aim) or not backbone.has_patches:
            return aimless(aim)
        return patches_why_not(backbone)

    def heat(self, backbone: Backbone, images: Tensor, aim: Aim) -> Tensor:
        """[B, g, g], in cosines."""
        checked(self, backbone, images, aim)
        return with_gradients(images, aim, len(images), partial(self._look, backbone))

    def _look(self, backbone: Backbone, images: Tensor, direction: Tensor) -> Tensor:
        change = images - backbone.mean.to(images)  # [B, 3, S, S]
        added = change * self._slopes(backbone, images, change, direction)
        side = _cell(backbone)
        return F.avg_pool2d(added.sum(1, keepdim=True), side)[:, 0] * side * side  # sums over cells, [B, g, g]

    def _slopes(self, backbone: Backbone, images: Tensor, change: Tensor, direction: Tensor) -> Tensor:
        """Mean gradient [B, 3, S, S] on the way, taken in the middle of each step; steps of all images in one batch."""
        total = torch.zeros_like(images)
        passes = torch.arange(len(images) * self.steps, device=images.device)
        for some in torch.split(passes, images_at_once(backbone)):
            which, left = some // self.steps, 1 - (some % self.steps + 0.5) / self.steps  # [b], share still to go
            points = (images[which] - left[:, None, None, None] * change[which]).requires_grad_()
            (slopes,) = torch.autograd.grad((backbone.embed(points) @ direction).sum(), points)
            total.index_add_(0, which, slopes)
        return total / self.steps


def _cell(backbone: Backbone) -> int:
    """Side of a cell in pixels: the patches', or where there are none, see above."""
    size = backbone.image_size
    if backbone.has_patches and size % patches_along(backbone) == 0:
        return size // patches_along(backbone)
    return size // max(cells for cells in range(1, _FINEST + 1) if size % cells == 0)
