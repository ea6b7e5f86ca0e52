"""Embeddings drawn from a Gaussian mixture, for benches of speed and memory, which do not depend on what they mean."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import normalize

_NOISE = 0.9  # length of a sample's noise, in lengths of its class's mean


def class_means(count: int, width: int, stream: torch.Generator) -> Tensor:
    """Uniform on the sphere, [count, width]."""
    return normalize(torch.randn(count, width, generator=stream), dim=1)


def around(means: Tensor, stream: torch.Generator) -> Tensor:
    """A sample around each of the means [N, D]: that mean plus isotropic noise, at unit length."""
    noise = torch.randn(means.shape, generator=stream) * (_NOISE / means.shape[1] ** 0.5)
    return normalize(means + noise, dim=1)
