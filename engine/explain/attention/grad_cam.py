"""Tokens, weighted by how the score follows them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor

from engine.backbone.clip import Backbone
from engine.backbone.grid import as_grid
from engine.backbone.walk import depth, entering, onwards, pools_by_mean, tokens_why_not
from engine.explain.attention.base import ATTENTION, Aim, AttentionMap
from engine.explain.attention.looking import aimless, checked, images_at_once, with_gradients
from engine.params import param

_DEEPEST = 63


@ATTENTION.register
@dataclass(frozen=True)
class GradCam(AttentionMap):
    """Grad-CAM: tokens weighted by what they do to the score.

    Channels of the patch tokens, weighted by their gradient's mean over patches, summed, negative sums set to 0
    (Selvaraju et al. 2017). Tokens take the place of the feature maps of a convolution: by default those that leave the
    last block, or, where a class token pools and the patches have no way to the score from there, those that enter it.
    """

    follows_learning: ClassVar[bool] = True

    earlier: int = param(
        0, low=0, high=_DEEPEST, unit="blocks", help="How many blocks before the last useful ones to look."
    )

    def why_not(self, backbone: Backbone, aim: Aim) -> str | None:
        """Needs patch tokens, and as many blocks as are gone back."""
        reason = aimless(aim) or tokens_why_not(backbone)
        if not reason and self._block(backbone) < 0:
            return f"its visual tower has {depth(backbone)} blocks, too few to look {self.earlier} earlier"
        return reason

    def heat(self, backbone: Backbone, images: Tensor, aim: Aim) -> Tensor:
        """[B, g, g], 0 or more."""
        checked(self, backbone, images, aim)
        return with_gradients(images, aim, images_at_once(backbone), partial(self._look, backbone))

    def _look(self, backbone: Backbone, images: Tensor, direction: Tensor) -> Tensor:
        block = self._block(backbone)
        with torch.no_grad():
            tokens = entering(backbone, images, block)  # [B, N, W]
        tokens.requires_grad_()
        scores = onwards(backbone, tokens, block)[0] @ direction  # [B]
        (slopes,) = torch.autograd.grad(scores.sum(), tokens)
        weights = slopes[:, 1:].mean(1, keepdim=True)  # [B, 1, W]; token 0 is the class token, no place on the image
        return as_grid((tokens[:, 1:] * weights).sum(-1).relu())

    def _block(self, backbone: Backbone) -> int:
        """The block that the tokens looked at enter; the depth for those that leave the last one."""
        return depth(backbone) - self.earlier - (0 if pools_by_mean(backbone) else 1)
