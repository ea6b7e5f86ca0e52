"""Growing the model by a task's concepts and classes."""

from __future__ import annotations

import torch
from torch import Tensor

from engine.model.snapshot import Snapshot
from engine.rng import torch_stream


def grow(
    previous: Snapshot | None, texts: Tensor, seen: int, row_start: str, head_start: str, seed: int
) -> tuple[Tensor, Tensor]:
    """Bottleneck [K, D] and head [C, K] with room for new concepts and classes; what was learnt is copied.

    Args:
        previous: the model so far, or None.
        texts: [new concepts, D], embeddings of the new concepts.
        seen: number of classes C including the new ones.
        row_start: `"random"` (uniform within 1/sqrt(D), as published) or `"text"` (the embedding itself).
        head_start: `"random"` (uniform within 1/sqrt(K), as published: it disturbs old classes) or `"zero"`.
        seed: the run's seed.
    """
    old_classes, old = previous.head.shape if previous else (0, 0)
    task = previous.task + 1 if previous else 0
    rows = texts.clone() if row_start == "text" else _uniform(texts.shape, texts.shape[1], seed, "rows", task)
    bottleneck = torch.cat([previous.bottleneck, rows]) if previous else rows
    shape = torch.Size([seen, len(bottleneck)])
    head = _uniform(shape, len(bottleneck), seed, "head", task) if head_start == "random" else torch.zeros(shape)
    if previous:
        head[:old_classes, :old] = previous.head
    return bottleneck, head


def _uniform(shape: torch.Size, inputs: int, seed: int, role: str, task: int) -> Tensor:
    bound = inputs**-0.5
    return torch.empty(shape).uniform_(-bound, bound, generator=torch_stream(seed, role, task))
