"""A vision transformer walked block by block, so that what happens inside can be looked at and differentiated.

open_clip asks its attention layers for no weights, and hooks would change a model that others share. So the blocks are
computed here once more from their own weights, as plain functions; the result is the model's own to rounding.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import torch.nn.functional as F
from torch import Tensor, nn

from engine.backbone.averaged import cells_along, is_averaged
from engine.backbone.clip import Backbone
from engine.errors import NotApplicable

_POOLS = ("avg", "tok")
_FLOATS_PER_TOKEN = 16
"""What autograd keeps of a block for every token, in widths: norms, queries, keys, values, the fourfold layer twice."""
_KEPT_ATTENTION = 2
"""An attention matrix is kept before and after its softmax's gradient."""


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk saw. N tokens, the class token first, then P = N - 1 patches row by row; L blocks of H heads.

    Attributes:
        hidden: L tensors [B, N, W], the tokens behind every block.
        attentions: L tensors [B, H, N, N]; row n says what token n looks at, every row sums to 1. Part of the graph:
            the embedding can be differentiated with respect to them.
        embedding: [B, D], unit length, as `Backbone.embed`.
        patches: [B, P, D], as `Backbone.patches`.
    """

    hidden: tuple[Tensor, ...]
    attentions: tuple[Tensor, ...]
    embedding: Tensor
    patches: Tensor


def walk(backbone: Backbone, images: Tensor) -> Walk:
    """Walk images [B, 3, S, S] in 0..1 through the visual tower; differentiable to the pixels and to every step.

    Raises:
        NotApplicable: as `walk_why_not` says.
        BadInput: the images are not of the backbone's size.
    """
    reason = walk_why_not(backbone)
    if reason:
        raise NotApplicable(f"backbone {backbone.spec}", reason, "Choose a ViT with ordinary attention blocks")
    tokens = entering(backbone, images, 0)  # [B, N, W]
    hidden, attentions = [], []
    for block in backbone.visual.transformer.resblocks:
        tokens, attention = _through(block, tokens)
        hidden.append(tokens)
        attentions.append(attention)
    return Walk(tuple(hidden), tuple(attentions), *backbone.joint(tokens))


def walk_why_not(backbone: Backbone) -> str | None:
    """Why the backbone cannot be walked, in words, or None."""
    from open_clip.transformer import ResidualAttentionBlock  # loaded already where there is a backbone

    reason = tokens_why_not(backbone)
    if reason:
        return reason
    blocks = backbone.visual.transformer.resblocks
    strange = {type(block).__name__ for block in blocks if type(block) is not ResidualAttentionBlock}
    strange |= {type(block.attn).__name__ for block in blocks if not _is_plain(getattr(block, "attn", None))}
    if strange:
        return f"its blocks are of a kind whose attention cannot be read ({', '.join(sorted(strange))})"
    return None


def patches_why_not(backbone: Backbone) -> str | None:
    """Why `Backbone.look` has no map to give, in words, or None."""
    return None if is_averaged(getattr(backbone.model, "visual", None)) else tokens_why_not(backbone)


def patches_along(backbone: Backbone) -> int:
    """How many patches lie along a side of the image, where there are any."""
    visual: Any = backbone.model.visual
    return cells_along(visual, backbone.image_size) if is_averaged(visual) else int(visual.grid_size[0])


def tokens_why_not(backbone: Backbone) -> str | None:
    """Why no tokens can be followed through the blocks of the backbone, in words, or None."""
    visual: Any = getattr(backbone.model, "visual", None)
    if is_averaged(visual):
        return "its visual tower is a convolutional net, which has no blocks of attention"
    if getattr(visual, "attn_pool", None) is not None:
        return "its visual tower pools by attention, behind which patch tokens have no place in the joint space"
    if not backbone.is_transformer:
        return f"its visual tower ({type(visual).__name__}) keeps no patch tokens in the joint space"
    if visual.pool_type not in _POOLS:
        return "its visual tower pools its tokens neither by their mean nor by a class token"
    rows, columns = visual.grid_size
    return None if rows == columns else f"its patches form no square ({rows} by {columns})"


def depth(backbone: Backbone) -> int:
    """Number of blocks of the visual tower.

    Raises:
        NotApplicable: it is no vision transformer.
    """
    return len(backbone.visual.transformer.resblocks)


def pools_by_mean(backbone: Backbone) -> bool:
    """Whether the embedding is made of all patch tokens rather than of the class token."""
    return str(backbone.visual.pool_type) == "avg"


def entering(backbone: Backbone, images: Tensor, block: int) -> Tensor:
    """The tokens [B, N, W] that enter a block, counted from 0; `depth(backbone)` for those that leave the last one.

    Raises:
        BadInput: the images are not of the backbone's size.
    """
    visual = backbone.visual
    tokens: Tensor = visual._embeds(backbone.normalised(images))
    return _run(visual, visual.transformer.resblocks[:block], tokens)


def onwards(backbone: Backbone, tokens: Tensor, block: int) -> tuple[Tensor, Tensor]:
    """What becomes of the tokens [B, N, W] that enter a block: embedding [B, D], unit length, and patches [B, P, D]."""
    visual = backbone.visual
    return backbone.joint(_run(visual, visual.transformer.resblocks[block:], tokens))


def floats_per_image(backbone: Backbone) -> int:
    """About how many numbers a walk with gradients keeps for one image, so that batches can be cut to the memory."""
    visual = backbone.visual
    tokens, width = visual.positional_embedding.shape
    attention = _KEPT_ATTENTION * _heads(visual.transformer.resblocks[0]) * tokens * tokens
    return int(depth(backbone) * (_FLOATS_PER_TOKEN * tokens * width + attention))


def _heads(block: Any) -> int:
    return int(getattr(block.attn, "num_heads", 1))


def _is_plain(attention: nn.Module | None) -> bool:
    """Whether it is torch's own attention with one matrix for queries, keys and values, and nothing added to them."""
    return (
        type(attention) is nn.MultiheadAttention
        and attention.in_proj_weight is not None
        and attention.bias_k is None
        and not attention.add_zero_attn
    )


def _run(visual: Any, blocks: Iterable[nn.Module], tokens: Tensor) -> Tensor:
    """Tokens [B, N, W] through blocks of any kind, which may want the tokens first and the batch second."""
    batch_first = visual.transformer.batch_first
    tokens = tokens if batch_first else tokens.transpose(0, 1)
    for block in blocks:
        tokens = block(tokens)
    return tokens if batch_first else tokens.transpose(0, 1)


def _through(block: Any, tokens: Tensor) -> tuple[Tensor, Tensor]:
    """A block's step, [B, N, W], and its attention, [B, H, N, N]. Every layer but attention acts on tokens alone, so
    it does not matter here which of batch and tokens the block would have first."""
    seen, attention = _attend(block.attn, block.ln_1(tokens))
    tokens = tokens + block.ls_1(seen)
    return tokens + block.ls_2(block.mlp(block.ln_2(tokens))), attention


def _attend(layer: Any, tokens: Tensor) -> tuple[Tensor, Tensor]:
    batch, count, width = tokens.shape
    heads = layer.num_heads
    mixed = F.linear(tokens, layer.in_proj_weight, layer.in_proj_bias)  # [B, N, 3W]
    query, key, value = mixed.view(batch, count, 3, heads, width // heads).permute(2, 0, 3, 1, 4)  # [B, H, N, W/H]
    scores = query @ key.transpose(-1, -2) / math.sqrt(width // heads)  # [B, H, N, N]
    attention = scores.softmax(-1)
    seen = (attention @ value).transpose(1, 2).reshape(batch, count, width)  # [B, N, W]
    return F.linear(seen, layer.out_proj.weight, layer.out_proj.bias), attention
