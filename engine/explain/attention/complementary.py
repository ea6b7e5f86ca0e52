"""Two maps in one: the words, and what their denial leaves over."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from engine.backbone.clip import Backbone
from engine.backbone.walk import patches_why_not
from engine.explain.attention.base import ATTENTION, Aim, AttentionMap
from engine.explain.attention.looking import beside, checked, sound, unknown
from engine.explain.maps import concept_maps

AFFIRMED, DENIED = "The words", "The words denied"


@ATTENTION.register
@dataclass(frozen=True)
class Complementary(AttentionMap):
    """Complementary: where the words fit and not their denial.

    map(words) x (1 - map(denial)), each scaled to 0..1 on its image (Yu et al., Comp-TGA, TPAMI 2026). CLIP hears
    little of a negation, so both maps may be nearly the same and their product dark where they are bright: see both.
    """

    def why_not(self, backbone: Backbone, aim: Aim) -> str | None:
        """Needs words and their denial that the backbone knows, and patch tokens."""
        if aim.text is not None and aim.denial is None:
            return f"the backbone knows no words that deny “{aim.words}”"
        return unknown(aim) or patches_why_not(backbone)

    def heat(self, backbone: Backbone, images: Tensor, aim: Aim) -> Tensor:
        """[B, g, g] in 0..1."""
        both = self.parts(backbone, images, aim)
        return both[AFFIRMED] * (1 - both[DENIED])

    @torch.no_grad()
    def parts(self, backbone: Backbone, images: Tensor, aim: Aim) -> Mapping[str, Tensor]:
        """The map of the words and that of their denial, [B, g, g] each in 0..1."""
        checked(self, backbone, images, aim)
        assert aim.text is not None and aim.denial is not None  # checked
        directions = torch.stack([beside(aim.text, images), beside(aim.denial, images)])  # [2, D]
        maps = _scaled(sound(concept_maps(backbone.patches(images), directions)))  # [B, 2, g, g]
        return {AFFIRMED: maps[:, 0], DENIED: maps[:, 1]}


def _scaled(maps: Tensor) -> Tensor:
    """Maps [..., g, g] from 0 at their lowest to 1 at their highest; a map that is the same everywhere becomes 0."""
    low, high = maps.amin((-2, -1), keepdim=True), maps.amax((-2, -1), keepdim=True)
    return (maps - low) / torch.where(high > low, high - low, torch.ones_like(low))
