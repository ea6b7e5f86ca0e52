"""Symmetric matrices as their upper triangle: half the disk for what methods carry from task to task."""

from __future__ import annotations

from math import isqrt

import torch
from torch import Tensor


def packed(matrix: Tensor) -> Tensor:
    """The upper triangle of a symmetric [n, n], row by row, [n (n + 1) / 2]."""
    rows, columns = torch.triu_indices(*matrix.shape)
    return matrix[rows, columns]


def unpacked(triangle: Tensor) -> Tensor:
    """The symmetric matrix [n, n] of its upper triangle.

    Raises:
        ValueError: no triangle has this many entries.
    """
    size = (isqrt(8 * len(triangle) + 1) - 1) // 2
    if size * (size + 1) // 2 != len(triangle):
        raise ValueError(f"{len(triangle)} entries are no triangle")
    rows, columns = torch.triu_indices(size, size)
    matrix = triangle.new_zeros(size, size)
    matrix[rows, columns] = triangle
    matrix[columns, rows] = triangle
    return matrix
