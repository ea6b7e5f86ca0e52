"""The whole course of an attack as arrays, for pages and the store; and the order in which concepts gave way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from engine.attacks.objectives import margin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from engine.array_types import Bools, Floats, Ints
    from engine.attacks.base import Look

Bytes = npt.NDArray[np.uint8]
_WHITE = 255.0


@dataclass(frozen=True, slots=True)
class Trace:
    """An attack on B images, looked at S times, the first time before it began.

    Attributes:
        step: int64 [S], steps done at each look.
        loss: [S, B], the objective's.
        margin: [S, B], logit of the label minus the largest other one; below 0 the label is lost.
        scores: [S, B, K], concept scores.
        logits: [S, B, C].
        won: bool [S, B], won then or earlier.
        flat: [S], share of open images whose gradient was exactly zero.
        maps: [S, B, W, g, g], watched maps, or None.
        images: uint8 [S, B, H, W, 3], rounded for the eye, or None. (Changes below half a 255th are lost.)
    """

    step: Ints
    loss: Floats
    margin: Floats
    scores: Floats
    logits: Floats
    won: Bools
    flat: Floats
    maps: Floats | None
    images: Bytes | None


@dataclass(frozen=True, slots=True)
class Crossing:
    """A concept that ends on the other side of its threshold.

    Attributes:
        concept: row of the bank.
        look: index of the look at which it crossed for the last time.
        on: whether it is present now.
    """

    concept: int
    look: int
    on: bool


def traced(looks: Sequence[Look], labels: Tensor, images: bool = False) -> Trace:
    """Stack the looks of one attack.

    Args:
        labels: int64 [B], for the margins.
        images: keep the images too, as uint8.
    """
    maps = [look.answer.maps for look in looks]
    return Trace(
        step=np.array([look.step for look in looks], np.int64),
        loss=_stacked([look.loss for look in looks]),
        margin=_stacked([margin(look.answer.logits, labels.to(look.answer.logits.device)) for look in looks]),
        scores=_stacked([look.answer.scores for look in looks]),
        logits=_stacked([look.answer.logits for look in looks]),
        won=np.stack([look.won.cpu().numpy() for look in looks]),
        flat=np.array([look.flat for look in looks], np.float32),
        maps=None if any(part is None for part in maps) else _stacked([part for part in maps if part is not None]),
        images=np.stack([to_bytes(look.images) for look in looks]) if images else None,
    )


def flipped(trace: Trace, thresholds: Floats, image: int = 0) -> list[Crossing]:
    """Concepts that end on another side of their threshold than they began, in the order in which they crossed.

    One that wavers counts from its last crossing; ties are in the order of the bank. NaN thresholds never cross.

    Args:
        thresholds: [K]; a concept is present above its own.
        image: index in the batch.
    """
    present = trace.scores[:, image] > thresholds  # [S, K]
    found = [
        Crossing(int(k), int(np.flatnonzero(present[:, k] != present[-1, k])[-1]) + 1, bool(present[-1, k]))
        for k in np.flatnonzero(present[0] != present[-1])
    ]
    return sorted(found, key=lambda crossing: crossing.look)


def to_bytes(images: Tensor) -> Bytes:
    """Images [B, 3, S, S] in 0..1 as uint8 [B, S, S, 3]."""
    return (images * _WHITE).round().to(torch.uint8).permute(0, 2, 3, 1).contiguous().cpu().numpy()


def _stacked(parts: Sequence[Tensor]) -> Floats:
    return torch.stack(list(parts)).cpu().numpy().astype(np.float32)
