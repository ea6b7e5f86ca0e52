"""Pixels as rows of embeddings, and what beside pixels and weights decides their last bits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import torch

from engine.array_types import Floats
from engine.backbone.clip import Backbone
from engine.device import device


def made() -> tuple[str, ...]:
    """How rows are made: what makes them otherwise may round otherwise, and must not be taken for the same."""
    return "float32", "fixed batches", torch.__version__, torch.backends.cpu.get_cpu_capability(), device().type


def embed_pixels(backbone: Backbone, images: npt.NDArray[np.uint8]) -> Floats:
    """Embed uint8 [n, S, S, 3] as float32 [n, D], unit length."""
    if not len(images):
        return np.zeros((0, backbone.width), np.float32)
    rows = backbone.embed_images(torch.from_numpy(images).permute(0, 3, 1, 2))
    return np.asarray(rows.cpu().numpy(), np.float32)
