"""What embedding costs on this machine: measured on a handful of pictures, then extrapolated."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch

from engine.backbone.clip import load_backbone
from engine.device import device
from engine.rng import torch_stream
from engine.training.memory import PeakMemory

_TO_WARM, _MEASURED = 16, 32
_FLOAT_BYTES = 4
_MIB = 2.0**20


@dataclass(frozen=True, slots=True)
class EmbeddingCost:
    """What was measured.

    Attributes:
        load_seconds: to have the backbone ready.
        seconds: of embedding one picture, in batches as a run embeds them. Reading it goes on beside that.
        mebibytes: most memory that this process took.
        width: dimension of an embedding.
    """

    load_seconds: float
    seconds: float
    mebibytes: float
    width: int

    def told(self, images: int) -> str:
        """In words, for so many images."""
        memory, kept = f"{self.mebibytes:,.0f} MB", images * self.width * _FLOAT_BYTES / _MIB
        took = in_words(self.load_seconds + images * self.seconds)
        return f"{images:,} images: about {took}, {memory} of memory, {kept:,.1f} MB of cache"


def measure(spec: str, measured: int = _MEASURED) -> EmbeddingCost:
    """Load a backbone and embed so many pictures of noise, after some that are not counted.

    Raises:
        BadParameter, MissingWeights: it cannot be had.
    """
    memory, began = PeakMemory(), time.perf_counter()
    backbone = load_backbone(spec)
    backbone.model.to(device())
    loaded = time.perf_counter() - began
    shape = max(_TO_WARM, measured), 3, backbone.image_size, backbone.image_size
    images = torch.randint(0, 256, shape, generator=torch_stream(0, "cost"), dtype=torch.uint8)
    backbone.embed_images(images[:_TO_WARM])
    began = time.perf_counter()
    backbone.embed_images(images[:measured])
    return EmbeddingCost(loaded, (time.perf_counter() - began) / measured, memory.mebibytes, backbone.width)


def in_words(seconds: float) -> str:
    """A time as people say it: `"40 s"`, `"6 min"`, `"2.5 h"`."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    return f"{round(seconds / 60)} min" if seconds < 90 * 60 else f"{seconds / 3600:.1f} h"
