"""A few principal axes a class, and what variance they leave in each dimension."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Self

import torch
from torch import Tensor

from engine.model.covariance_form import LOW_RANK, CovarianceForm
from engine.model.covariances.base import Covariances, Root, Rows


@dataclass(frozen=True, slots=True)
class LowRankCovariances(Covariances):
    """A few principal axes a class, and what variance they leave in each dimension.

    Attributes:
        factors: [C, r, D], each axis as long as the standard deviation along it; 0 where a class has fewer than r.
        diagonals: [C, D], at least 0.
    """

    name: ClassVar[str] = LOW_RANK
    axes: ClassVar[Mapping[str, int]] = {"factors": 3, "diagonals": 2}
    factors: Tensor
    diagonals: Tensor

    @property
    def width(self) -> int:
        """See `Covariances`."""
        return self.diagonals.shape[1]

    @property
    def normals(self) -> int:
        """See `Covariances`: one a dimension and one an axis."""
        return self.width + self.factors.shape[1]

    @property
    def numbers(self) -> int:
        """See `Covariances`."""
        return self.factors.numel() + self.diagonals.numel()

    def of(self, position: int) -> Tensor:
        """See `Covariances`."""
        factor = self.factors[position]
        return factor.T @ factor + self.diagonals[position].diag()

    def mean(self, dtype: torch.dtype = torch.float32) -> Tensor:
        """See `Covariances`."""
        total = self.diagonals.sum(0, dtype=dtype).diag()
        for factor in self.factors.to(dtype):
            total += factor.T @ factor
        return total / len(self.factors)

    def roots(self, ridge: float, dtype: torch.dtype = torch.float32) -> Iterator[Root]:
        """See `Covariances`; no matrix is built."""
        for factor, diagonal in zip(self.factors, self.diagonals, strict=True):
            yield partial(_low_rank, factor.to(dtype), (diagonal.to(dtype) + ridge).sqrt())

    def select(self, rows: Rows) -> LowRankCovariances:
        """See `Covariances`."""
        return LowRankCovariances(self.factors[rows], self.diagonals[rows])

    @classmethod
    def of_images(cls, classes: Sequence[Tensor], form: CovarianceForm) -> LowRankCovariances:
        """See `Covariances`; n images differ in at most n - 1 directions, so that more axes than that are not kept."""
        rank = min(form.rank, classes[0].shape[1], max(map(len, classes)) - 1)
        factors, diagonals = zip(*(_factored(own, rank) for own in classes), strict=True)
        return cls(_padded(factors), torch.stack(diagonals))

    @classmethod
    def of_parts(cls, parts: Sequence[Self]) -> Self:
        """See `Covariances`."""
        factors = [factor for part in parts for factor in part.factors]
        return cls(_padded(factors), torch.cat([part.diagonals for part in parts]))

    def turned(self, turn: Callable[[Tensor], Tensor]) -> LowRankCovariances:
        """See `Covariances`. Axes move; of A diag(d) A' the diagonal is kept, so that variances stay exact."""
        squares = turn(torch.eye(self.width, dtype=torch.float64)).square()  # [D, D], row j the squared column j of A
        moved = torch.stack([turn(each.double()).float() for each in self.factors])
        return LowRankCovariances(moved, (self.diagonals.double() @ squares).float())

    def _fits(self, classes: int, width: int) -> bool:
        rank = self.factors.shape[1]
        fits = self.factors.shape == (classes, rank, width) and self.diagonals.shape == (classes, width)
        return fits and rank <= width and not bool((self.diagonals < 0).any())


def _low_rank(factor: Tensor, deviations: Tensor, normals: Tensor) -> Tensor:
    width = len(deviations)
    return normals[..., :width] * deviations + normals[..., width:] @ factor


def _factored(own: Tensor, rank: int) -> tuple[Tensor, Tensor]:
    """Principal axes [at most rank, D] of images [n, D] and the variance that they leave in each dimension, [D]."""
    apart = (own.double() - own.double().mean(0)) / max(1, len(own) - 1) ** 0.5
    _, values, rows = torch.linalg.svd(apart, full_matrices=False)
    factor = values[:rank, None] * rows[:rank]
    left = (apart.square().sum(0) - factor.square().sum(0)).clamp_min(0)
    return factor.float(), left.float()


def _padded(factors: Sequence[Tensor]) -> Tensor:
    """Factors [at most r, D] of classes as one array [C, r, D]."""
    rank = max(map(len, factors))
    padded = [torch.nn.functional.pad(factor, (0, 0, 0, rank - len(factor))) for factor in factors]
    return torch.stack(padded)
