"""A covariance matrix a class, as published."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Self

import torch
from torch import Tensor

from engine.model.covariance_form import FULL, CovarianceForm
from engine.model.covariances.base import Covariances, Root, Rows, times, turned_matrix


@dataclass(frozen=True, slots=True)
class FullCovariances(Covariances):
    """A matrix a class.

    Attributes:
        covariances: [C, D, D], or [C, 0, 0] where none are kept.
    """

    name: ClassVar[str] = FULL
    axes: ClassVar[Mapping[str, int]] = {"covariances": 3}
    covariances: Tensor

    @property
    def width(self) -> int:
        """See `Covariances`."""
        return self.covariances.shape[-1]

    @property
    def normals(self) -> int:
        """See `Covariances`."""
        return self.width

    @property
    def numbers(self) -> int:
        """See `Covariances`."""
        return len(self.covariances) * self.width * (self.width + 1) // 2

    def of(self, position: int) -> Tensor:
        """See `Covariances`."""
        return self.covariances[position]

    def mean(self, dtype: torch.dtype = torch.float32) -> Tensor:
        """See `Covariances`."""
        return self.covariances.mean(0, dtype=dtype)

    def roots(self, ridge: float, dtype: torch.dtype = torch.float32) -> Iterator[Root]:
        """See `Covariances`."""
        added = ridge * torch.eye(self.width, dtype=dtype)
        for matrix in self.covariances:
            yield partial(times, torch.linalg.cholesky(matrix.to(dtype) + added))

    def select(self, rows: Rows) -> FullCovariances:
        """See `Covariances`."""
        return FullCovariances(self.covariances[rows])

    @classmethod
    def of_images(cls, classes: Sequence[Tensor], form: CovarianceForm) -> FullCovariances:
        """See `Covariances`."""
        return cls(
            torch.stack([torch.cov(own.T) if len(own) > 1 else own.new_zeros(*2 * own.shape[1:]) for own in classes])
        )

    @classmethod
    def of_parts(cls, parts: Sequence[Self]) -> Self:
        """See `Covariances`."""
        return cls(torch.cat([part.covariances for part in parts]))

    def turned(self, turn: Callable[[Tensor], Tensor]) -> FullCovariances:
        """See `Covariances`; one at a time, because all of them in float64 would take much memory."""
        return FullCovariances(torch.stack([turned_matrix(each, turn) for each in self.covariances]))

    def _fits(self, classes: int, width: int) -> bool:
        fits = self.width in (0, width) and self.covariances.shape == (classes, self.width, self.width)
        return fits


def no_covariances(classes: int) -> FullCovariances:
    """What a method keeps that needs none."""
    return FullCovariances(torch.zeros(classes, 0, 0))
