"""What the shipped CLIP is trained for: to name attributes, and to name them where they are.

Trained on whole images only, a CLIP learns colours while its patch scores point anywhere, because attention carries
information between patches. So besides naming the attributes of the image it must name each attribute from the tokens
under its part alone, and the true phrase's patch scores must be highest on that part.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

NO_PART = 255
_VISIBLE = 0.25  # a part counts as visible from a quarter of a patch
_CLEAR = 0.15  # a patch belongs to a part it is covered by to this degree


@dataclass(frozen=True, slots=True)
class Attributes:
    """The layout of phrases and parts.

    Attributes:
        sizes: number of values of each of the A attributes; their phrases lie one attribute after the other.
        parts: for each attribute, the index of the part it shows on.
        part_count: how many parts there are.
    """

    sizes: tuple[int, ...]
    parts: tuple[int, ...]
    part_count: int

    def offsets(self) -> Tensor:
        """Position of each attribute's first phrase, [A]."""
        return torch.tensor([0, *self.sizes]).cumsum(0)[:-1]


@dataclass(frozen=True, slots=True)
class Batch:
    """One training batch.

    Attributes:
        codes: value of each attribute, [B, A].
        coverage: share of each patch that shows each part, [B, P, parts], 0..1.
    """

    codes: Tensor
    coverage: Tensor


def coverage_of(parts: Tensor, patch: int, part_count: int) -> Tensor:
    """Share of each patch that shows each part: part map uint8 [B, H, W] -> [B, P, part_count]."""
    rows, columns = parts.shape[1] // patch, parts.shape[2] // patch
    tiles = parts.view(-1, rows, patch, columns, patch).transpose(2, 3).reshape(parts.shape[0], rows * columns, -1)
    return torch.stack([(tiles == i).float().mean(dim=-1) for i in range(part_count)], dim=-1)


def grouped_cross_entropy(logits: Tensor, codes: Tensor, sizes: Sequence[int], weight: Tensor | None = None) -> Tensor:
    """Mean over attributes of the cross-entropy among that attribute's phrases.

    Args:
        logits: [B, sum of sizes].
        codes: [B, A].
        sizes: number of phrases of each attribute.
        weight: [B, A], 1 where the attribute can be seen; None means everywhere.
    """
    losses = [
        F.cross_entropy(part, codes[:, i], reduction="none")
        for i, part in enumerate(torch.split(logits, list(sizes), dim=1))
    ]
    return _masked_mean(torch.stack(losses, dim=1), weight)


def region_loss(tokens: Tensor, phrases: Tensor, scale: Tensor, batch: Batch, layout: Attributes) -> Tensor:
    """Name each attribute from the mean token under its part: tokens [B, P, D], phrases [sum of sizes, D]."""
    covered = batch.coverage.sum(dim=1)  # [B, parts]
    regions = batch.coverage.transpose(1, 2) @ tokens / covered.clamp_min(1e-6)[..., None]  # [B, parts, D]
    regions = F.normalize(regions, dim=-1)
    losses, seen = [], []
    for i, phrase in enumerate(torch.split(phrases, list(layout.sizes))):
        part = layout.parts[i]
        losses.append(F.cross_entropy(scale * regions[:, part] @ phrase.T, batch.codes[:, i], reduction="none"))
        seen.append(covered[:, part] > _VISIBLE)
    return _masked_mean(torch.stack(losses, dim=1), torch.stack(seen, dim=1).float())


def pointing_loss(tokens: Tensor, phrases: Tensor, sharpness: Tensor, batch: Batch, layout: Attributes) -> Tensor:
    """Cross-entropy between where the true phrases score high and where their parts are.

    Tokens are on the scale of the image embedding, so this trains the additive map itself.
    """
    true = phrases[layout.offsets() + batch.codes]  # [B, A, D]
    where = F.log_softmax(sharpness * true @ tokens.transpose(1, 2), dim=-1)  # [B, A, P]
    cover = batch.coverage[:, :, list(layout.parts)].transpose(1, 2)  # [B, A, P]
    cover = torch.where(cover >= _CLEAR, cover, torch.zeros(()))
    total = cover.sum(dim=-1)
    target = cover / total.clamp_min(1e-6)[..., None]
    return _masked_mean(-(target * where).sum(dim=-1), (total > 0).float())


def presence_loss(cosines: Tensor, codes: Tensor, slope: Tensor, shift: Tensor, layout: Attributes) -> Tensor:
    """Sigmoid loss on every image-phrase pair (SigLIP, Zhai et al. 2023): makes scores comparable across images."""
    present = F.one_hot(layout.offsets() + codes, sum(layout.sizes)).sum(dim=1).float()  # [B, sum of sizes]
    return F.binary_cross_entropy_with_logits(slope * cosines + shift, present)


def caption_loss(logits: Tensor, fits: Tensor) -> Tensor:
    """InfoNCE in both directions where a caption may fit several images.

    Args:
        logits: [captions, images].
        fits: bool [captions, images], whether all that a caption says is true of an image.
    """
    masked = logits.masked_fill(~fits, float("-inf"))
    per_caption = logits.logsumexp(1) - masked.logsumexp(1)
    told = fits.any(0)
    per_image = (logits.logsumexp(0) - masked.logsumexp(0))[told]
    return (per_caption.mean() + per_image.mean()) / 2


def wording_loss(first: Tensor, second: Tensor) -> Tensor:
    """Two wordings of one value should have one embedding: mean of 1 - cosine."""
    return (1 - (first * second).sum(dim=-1)).mean()


def _masked_mean(losses: Tensor, weight: Tensor | None) -> Tensor:
    return losses.mean() if weight is None else (losses * weight).sum() / weight.sum().clamp_min(1)
