"""What embedding costs on this machine: measured on a handful of pictures, then extrapolated."""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from engine.backbone.clip import Backbone, load_backbone
from engine.data.dataset import Dataset
from engine.device import device
from engine.rng import torch_stream
from engine.steps import Step
from engine.training.known_costs import EmbeddingCost
from engine.training.memory import PeakMemory

_TO_WARM, _MEASURED = 16, 32
_STAGES = 4


def measure(
    spec: str, dataset: Dataset | None = None, measured: int = _MEASURED
) -> Generator[Step, None, EmbeddingCost]:
    """Load a backbone and embed so many pictures, after some that are not counted; yields what is being done.

    Args:
        dataset: whose pictures are embedded, spread over its training split, and whose reading counts; noise, which
            takes no reading, if None.

    Raises:
        BadParameter, MissingWeights: the backbone cannot be had.
        BadImage: a picture cannot be read.
    """
    yield Step(0, _STAGES, "loading the backbone")
    memory, began = PeakMemory(), time.perf_counter()
    backbone = load_backbone(spec)
    backbone.model.to(device())
    loaded = time.perf_counter() - began
    yield Step(1, _STAGES, "reading pictures")
    pictures = _noise(backbone, measured) if dataset is None else _read(dataset, backbone, measured)
    yield Step(2, _STAGES, "warming up")
    backbone.embed_images(pictures.images[:_TO_WARM])
    yield Step(3, _STAGES, "embedding pictures")
    began = time.perf_counter()
    backbone.embed_images(pictures.images)
    seconds = _together((time.perf_counter() - began) / len(pictures.images), pictures.seconds)
    images = sum(len(split.labels) for split in dataset.splits.values()) if dataset else 0
    return EmbeddingCost(
        load_seconds=loaded, seconds=seconds, mebibytes=memory.mebibytes, width=backbone.width, images=images
    )


@dataclass(frozen=True, slots=True)
class _Pictures:
    """Pictures uint8 [n, 3, S, S], and how long a process takes to read one of them."""

    images: Tensor
    seconds: float


def _noise(backbone: Backbone, count: int) -> _Pictures:
    shape = count, 3, backbone.image_size, backbone.image_size
    return _Pictures(torch.randint(0, 256, shape, generator=torch_stream(0, "cost"), dtype=torch.uint8), 0.0)


def _read(dataset: Dataset, backbone: Backbone, count: int) -> _Pictures:
    split = dataset.splits["train"]
    rows = np.unique(np.linspace(0, len(split.labels) - 1, count).round().astype(np.int64))
    began = time.perf_counter()
    images = split.images(rows, backbone.image_size)  # [n, S, S, 3]
    seconds = (time.perf_counter() - began) / len(rows)
    return _Pictures(torch.from_numpy(images).permute(0, 3, 1, 2), seconds)


def _together(embedding: float, reading: float) -> float:
    """Seconds a picture takes where helpers on every core read ahead (`engine.training.prefetch`): beside an
    accelerator the slower of the two, on a CPU both, since they share the cores."""
    share = reading / (os.cpu_count() or 1)
    return embedding + share if device().type == "cpu" else max(embedding, share)
