"""Patch tokens against what the model has learnt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from engine.backbone.clip import Backbone
from engine.backbone.walk import patches_why_not
from engine.explain.attention.base import ATTENTION, Aim, AttentionMap
from engine.explain.attention.looking import beside, checked, sound
from engine.explain.maps import concept_maps


@ATTENTION.register
@dataclass(frozen=True)
class RowGuided(AttentionMap):
    """Row-guided: where the learnt direction fits.

    Text-guided attention (Yu et al., TGA-ZSR, NeurIPS 2024) with the direction that the model has learnt in place of
    the words (Plumage): it changes with the tasks where CLIP's own map cannot. The direction has unit length, so with
    an additive backbone the mean of the map is exactly the cosine of image and direction.
    """

    signed: ClassVar[bool] = True
    follows_learning: ClassVar[bool] = True

    def why_not(self, backbone: Backbone, aim: Aim) -> str | None:
        """Needs a learnt direction, and patch tokens."""
        if aim.row is None:
            return f"no direction is learnt for “{aim.words}”: only classes and concepts of the model have one"
        return patches_why_not(backbone)

    def is_additive(self, backbone: Backbone) -> bool:
        """Exactly where the backbone is."""
        return backbone.is_additive

    @torch.no_grad()
    def heat(self, backbone: Backbone, images: Tensor, aim: Aim) -> Tensor:
        """[B, g, g], in cosines: -1..1 in the mean, single patches may exceed it."""
        checked(self, backbone, images, aim)
        assert aim.row is not None  # checked
        row = F.normalize(beside(aim.row, images), dim=0)  # [D]
        return sound(concept_maps(backbone.patches(images), row[None])[:, 0])
