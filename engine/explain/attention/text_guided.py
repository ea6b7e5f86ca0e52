"""Patch tokens against the words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from engine.backbone.clip import Backbone
from engine.backbone.walk import patches_why_not
from engine.explain.attention.base import ATTENTION, Aim, AttentionMap
from engine.explain.attention.looking import beside, checked, sound, unknown
from engine.explain.maps import concept_maps


@ATTENTION.register
@dataclass(frozen=True)
class TextGuided(AttentionMap):
    """Text-guided: where the words fit.

    Patch tokens in the joint space times the text embedding (Yu et al., TGA-ZSR, NeurIPS 2024). With an additive
    backbone the mean of the map is exactly the cosine of image and text.
    """

    signed: ClassVar[bool] = True

    def why_not(self, backbone: Backbone, aim: Aim) -> str | None:
        """Needs words that the backbone knows, and patch tokens."""
        return unknown(aim) or patches_why_not(backbone)

    def is_additive(self, backbone: Backbone) -> bool:
        """Exactly where the backbone is."""
        return backbone.is_additive

    @torch.no_grad()
    def heat(self, backbone: Backbone, images: Tensor, aim: Aim) -> Tensor:
        """[B, g, g], in cosines: -1..1 in the mean, single patches may exceed it."""
        checked(self, backbone, images, aim)
        assert aim.text is not None  # checked
        return sound(concept_maps(backbone.patches(images), beside(aim.text, images)[None])[:, 0])
