"""How far apart texts hold the classes of a task, by the scores of its training images."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

TOP = 5
"""Images whose scores say whether anything is like a text, as in Label-free CBM (Oikarinen et al., ICLR 2023)."""
_BLOCK = 4096  # texts scored at a time: 50,000 images by 20,000 texts would take 4 GB
_LEAST_SPREAD = 1e-6


@dataclass(frozen=True, slots=True)
class Separation:
    """Scores of N texts on the images of C classes.

    Attributes:
        means: [C, N], mean score on a class's images.
        worth: [C, N], how far a class's mean score lies above the mean of the other classes, in units of the scores'
            spread within classes; negative where it lies below.
        top: [N], mean of the five highest scores of any image.
    """

    means: Tensor
    worth: Tensor
    top: Tensor


def separation(features: Tensor, labels: Tensor, texts: Tensor, earlier: Tensor | None = None) -> Separation:
    """Measure texts on training images. Where there is no other class, a class is held against the mean of all texts.

    Args:
        features: [n, D], unit length.
        labels: [n] in 0..C-1, every class at least once.
        texts: [N, D], unit length.
        earlier: mean features [E, D] of the classes learnt before, which are others too: continual learners keep them.
    """
    count = int(labels.max()) + 1
    parts = [_block(features, labels, count, block, earlier) for block in torch.split(texts, _BLOCK)]
    means, gaps, within, top = (torch.cat([part[i] for part in parts], dim=-1) for i in range(4))
    if count == 1 and (earlier is None or not len(earlier)):
        gaps = gaps - gaps.mean(1, keepdim=True)
    return Separation(means, gaps / within.clamp_min(_LEAST_SPREAD), top)


def _block(
    features: Tensor, labels: Tensor, classes: int, texts: Tensor, earlier: Tensor | None
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Means and gaps to the other classes (means where there are none), both [C, N]; spread and highest scores, [N]."""
    scores = features @ texts.T  # [n, N]
    means = torch.stack([scores[labels == c].mean(0) for c in range(classes)])  # [C, N]
    within = (scores - means[labels]).square().mean(0).sqrt()
    before = earlier @ texts.T if earlier is not None else means[:0]  # [E, N]
    others = len(means) + len(before) - 1
    rest = (means.sum(0) + before.sum(0) - means) / max(1, others)
    return means, means - rest, within, scores.topk(min(TOP, len(scores)), dim=0).values.mean(0)
