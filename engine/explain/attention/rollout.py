"""Where attention flows from block to block, whatever is looked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from engine.backbone.clip import Backbone
from engine.backbone.walk import walk, walk_why_not
from engine.explain.attention.base import ATTENTION, Aim, AttentionMap
from engine.explain.attention.looking import arriving, checked, images_at_once, sound


@ATTENTION.register
@dataclass(frozen=True)
class Rollout(AttentionMap):
    """Rollout: where attention flows, whatever is looked for.

    The product over blocks of (A + I) / 2, with A the mean of a block's heads and I for the tokens that pass a block by
    (Abnar & Zuidema 2020). With a class token its row is shown, with mean pooling the mean of the patches' rows.
    """

    follows_aim: ClassVar[bool] = False

    def why_not(self, backbone: Backbone, aim: Aim) -> str | None:
        """Needs attention that can be read; any aim will do, for it makes no difference."""
        return walk_why_not(backbone)

    @torch.no_grad()
    def heat(self, backbone: Backbone, images: Tensor, aim: Aim) -> Tensor:
        """[B, g, g] in 0..1; the sum over patches is 1 less what flows from the class token's place."""
        checked(self, backbone, images, aim)
        parts = torch.split(images, images_at_once(backbone))
        return sound(torch.cat([arriving(backbone, rolled(walk(backbone, part).attentions)) for part in parts]))


def rolled(attentions: tuple[Tensor, ...]) -> Tensor:
    """Attention [B, H, N, N] of all blocks, the first first, as one flow [B, N, N]; every row sums to 1."""
    count = attentions[0].shape[-1]
    own = torch.eye(count, device=attentions[0].device, dtype=attentions[0].dtype)
    flow = own
    for attention in attentions:
        flow = (attention.mean(1) + own) / 2 @ flow  # [B, N, N]
    return flow
