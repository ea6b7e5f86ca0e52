"""Embeddings that do not depend on company: every input is embedded in a batch of one fixed shape, by one thread.

A matrix product of few rows takes another path through the BLAS than one of many, and may round differently: a text
alone and the same text among others differed by 1e-6. So all batches of a tower have one size, the last is filled up
with zeros, and where there are several cores each takes whole batches.

The size follows from the tower alone: no larger than it takes to keep the products busy, because a single picture pays
for a whole batch. ViT-B/16 needs as long for an image alone as for one of sixteen; ViT-B/32 has a quarter of its tokens
and needs five images for the same; a tower as small as the shipped one spends its time between the products.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import torch
from torch import Tensor, nn

from engine.device import fixed_threads

SMALL = 10_000_000
"""Weights below which a tower is small."""
TOGETHER = 16
"""Inputs embedded together by a small tower."""
ROWS = 256
"""Tokens embedded together by a larger one, at most, and one input at least."""
ON_DEVICE = 64
"""Inputs embedded together on anything but a CPU."""


def batch_size(weights: int, tokens: int | None, on: torch.device) -> int:
    """How many inputs a tower takes at a time.

    Args:
        weights: how many it has.
        tokens: of one input, or None where it has no such thing.
    """
    if on.type != "cpu":
        return ON_DEVICE
    if weights < SMALL:
        return TOGETHER
    return max(1, ROWS // tokens) if tokens else 1


def in_batches(embed: Callable[[Tensor], Tensor], inputs: Tensor, size: int) -> Tensor:
    """Apply `embed` to inputs [n, ...] in batches of exactly `size`, as many at a time as torch has threads here.

    Args:
        embed: makes [size, D] of [size, ...], without gradients; called from several threads.

    Returns:
        [n, D], n > 0; no graph behind it.
    """
    parts = [_filled(inputs[i : i + size], size) for i in range(0, len(inputs), size)]
    workers = min(torch.get_num_threads(), len(parts))

    def alone(part: Tensor) -> Tensor:
        with torch.no_grad(), fixed_threads(1):
            return embed(part)

    with fixed_threads(1):
        if workers == 1:
            rows = [alone(part) for part in parts]
        else:
            with ThreadPoolExecutor(workers) as pool:
                rows = list(pool.map(alone, parts))
    return torch.cat(rows)[: len(inputs)]


def weights_of(model: nn.Module) -> int:
    """Number of a tower's weights that every input is multiplied with: all but its tables of words."""
    tables = {id(part.weight) for part in model.modules() if isinstance(part, nn.Embedding)}
    return sum(weight.numel() for weight in model.parameters() if id(weight) not in tables)


def _filled(inputs: Tensor, size: int) -> Tensor:
    """Inputs [n, ...] as [size, ...] with zeros behind them, laid out in memory as any others."""
    whole = torch.zeros(size, *inputs.shape[1:], dtype=inputs.dtype, device=inputs.device)
    whole[: len(inputs)] = inputs
    return whole
