"""What is put in the place of patches that are taken out of an image, to see what a model says without them.

ROAD's filling (Rong et al. 2022, "A Consistent and Efficient Evaluation Strategy for Attribution Methods") makes every
missing pixel the weighted mean of its eight neighbours: a hole leaves no edges that would themselves be evidence.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from engine.array_types import Bools, Floats

SIDE, CORNER = 1 / 6, 1 / 12
"""Weights of a pixel's four neighbours at its sides and four at its corners (Rong et al. 2022); they sum to 1."""
_REACH = 3
"""Standard deviations after which a blur is cut off."""


def mean_coloured(images: Tensor) -> Tensor:
    """Every image [N, 3, S, S] as its own mean colour all over."""
    return images.mean((-2, -1), keepdim=True).expand_as(images)


def blurred(images: Tensor, sigma: float) -> Tensor:
    """Images [N, 3, S, S] under a Gaussian blur of `sigma` pixels; beyond the border the border's pixels go on."""
    reach = max(1, round(_REACH * sigma))
    places = torch.arange(-reach, reach + 1, device=images.device, dtype=images.dtype)
    kernel = torch.exp(-0.5 * (places / sigma) ** 2)
    kernel = (kernel / kernel.sum()).expand(3, 1, -1)  # [3, 1, 2 reach + 1]
    wide = F.pad(images, (reach, reach, reach, reach), mode="replicate")
    rows = F.conv2d(wide, kernel[:, :, None], groups=3)
    return F.conv2d(rows, kernel[..., None], groups=3)


def imputed(image: Floats, missing: Bools) -> Floats:
    """The image [3, S, S] with its missing pixels [S, S] made the weighted mean of their neighbours, exactly.

    All missing pixels at once: one sparse system with a row for each of them. At the border the weights of the
    neighbours there are count alone.

    Raises:
        ValueError: every pixel is missing, so there is nothing to fill them from.
    """
    if missing.all():
        raise ValueError("every pixel is missing")
    flat, holes = image.reshape(len(image), -1).astype(np.float64), np.flatnonzero(missing)  # [3, S*S], [m]
    filled = flat.copy()
    if len(holes):
        known = np.where(missing.reshape(-1), 0.0, flat)  # [3, S*S]
        weights, totals = _neighbours(missing.shape[0])
        rows = weights[holes]  # [m, S*S]
        filled[:, holes] = _solved(totals[holes], rows[:, holes], rows @ known.T).T
    return filled.reshape(image.shape)


def _solved(totals: Floats, among: Any, given: Floats) -> Floats:
    """x [m, 3] with totals x = among x + given."""
    from scipy.sparse import diags_array  # half a second, and only ROAD needs it
    from scipy.sparse.linalg import splu

    system = (diags_array(totals) - among).tocsc()
    # Symmetric and diagonally dominant: this order of elimination is several times faster, and needs no pivoting.
    factors = splu(system, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    return np.asarray(factors.solve(given), np.float64)


@lru_cache(maxsize=4)
def _neighbours(size: int) -> tuple[Any, Floats]:
    """Weights between the pixels of a square, sparse [S*S, S*S], and each row's sum, [S*S]."""
    from scipy.sparse import diags_array, eye_array, kron

    line = diags_array([np.ones(size - 1)] * 2, offsets=[-1, 1])  # next to each other in a row
    own = eye_array(size)
    weights = SIDE * (kron(own, line) + kron(line, own)) + CORNER * kron(line, line)
    return weights.tocsr(), np.asarray(weights.sum(1), np.float64).reshape(-1)
