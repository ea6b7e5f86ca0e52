"""Attention, weighted by how the score follows it, from block to block."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar

import torch
from torch import Tensor

from engine.backbone.clip import Backbone
from engine.backbone.walk import walk, walk_why_not
from engine.explain.attention.base import ATTENTION, Aim, AttentionMap
from engine.explain.attention.looking import aimless, arriving, checked, images_at_once, with_gradients


@ATTENTION.register
@dataclass(frozen=True)
class Relevance(AttentionMap):
    """Relevance: attention weighted by what it does to the score.

    R starts as I and becomes R + mean over heads of (gradient of A x A, where positive) R, block by block (Chefer et
    al. 2021, "Generic Attention-model Explainability"). With a class token its row is shown, with mean pooling the mean
    of the patches' rows, to which I adds the same everywhere.
    """

    follows_learning: ClassVar[bool] = True

    def why_not(self, backbone: Backbone, aim: Aim) -> str | None:
        """Needs attention that can be read, and something to look for."""
        return aimless(aim) or walk_why_not(backbone)

    def heat(self, backbone: Backbone, images: Tensor, aim: Aim) -> Tensor:
        """[B, g, g], 0 or more."""
        checked(self, backbone, images, aim)
        return with_gradients(images, aim, images_at_once(backbone), partial(_look, backbone))


def _look(backbone: Backbone, images: Tensor, direction: Tensor) -> Tensor:
    seen = walk(backbone, images.requires_grad_())  # so that there is a graph; pixels are not differentiated
    slopes = torch.autograd.grad((seen.embedding @ direction).sum(), seen.attentions)
    return arriving(backbone, relevance(seen.attentions, slopes))


def relevance(attentions: tuple[Tensor, ...], slopes: tuple[Tensor, ...]) -> Tensor:
    """Relevance between tokens, [B, N, N], of attention and its gradients, [B, H, N, N] of each block in order."""
    count = attentions[0].shape[-1]
    found = torch.eye(count, device=attentions[0].device, dtype=attentions[0].dtype)
    for attention, slope in zip(attentions, slopes, strict=True):
        found = found + (attention.detach() * slope).relu().mean(1) @ found  # [B, N, N]
    return found
