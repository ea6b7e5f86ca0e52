"""One covariance matrix for all classes, pooled within them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Self

import torch
from torch import Tensor

from engine.model.covariance_form import SHARED, CovarianceForm
from engine.model.covariances.base import Covariances, Root, Rows, times, turned_matrix


@dataclass(frozen=True, slots=True)
class SharedCovariance(Covariances):
    """One matrix for all classes, pooled within them: S = sum (n - 1) S_c / sum (n - 1).

    Attributes:
        shared: [D, D].
        freedoms: n - 1 of each class, [C].
    """

    name: ClassVar[str] = SHARED
    axes: ClassVar[Mapping[str, int]] = {"shared": 2, "freedoms": 1}
    shared: Tensor
    freedoms: Tensor

    @property
    def width(self) -> int:
        """See `Covariances`."""
        return len(self.shared)

    @property
    def normals(self) -> int:
        """See `Covariances`."""
        return self.width

    @property
    def numbers(self) -> int:
        """See `Covariances`."""
        return self.width * (self.width + 1) // 2 + len(self.freedoms)

    def of(self, position: int) -> Tensor:
        """See `Covariances`."""
        return self.shared

    def mean(self, dtype: torch.dtype = torch.float32) -> Tensor:
        """See `Covariances`."""
        return self.shared.to(dtype)

    def roots(self, ridge: float, dtype: torch.dtype = torch.float32) -> Iterator[Root]:
        """See `Covariances`."""
        added = ridge * torch.eye(self.width, dtype=dtype)
        one = partial(times, torch.linalg.cholesky(self.shared.to(dtype) + added))
        yield from [one] * len(self.freedoms)

    def select(self, rows: Rows) -> SharedCovariance:
        """See `Covariances`."""
        return SharedCovariance(self.shared, self.freedoms[rows])

    @classmethod
    def of_images(cls, classes: Sequence[Tensor], form: CovarianceForm) -> SharedCovariance:
        """See `Covariances`."""
        scatter = torch.zeros(*2 * classes[0].shape[1:], dtype=torch.float64)
        for own in classes:
            apart = own.double() - own.double().mean(0)
            scatter += apart.T @ apart
        freedoms = torch.tensor([float(len(own) - 1) for own in classes])
        return cls((scatter / freedoms.sum().clamp_min(1)).float(), freedoms)

    @classmethod
    def of_parts(cls, parts: Sequence[Self]) -> Self:
        """See `Covariances`."""
        return cls(parts[-1].shared, torch.cat([part.freedoms for part in parts]))

    def turned(self, turn: Callable[[Tensor], Tensor]) -> SharedCovariance:
        """See `Covariances`."""
        return SharedCovariance(turned_matrix(self.shared, turn), self.freedoms)

    def _fits(self, classes: int, width: int) -> bool:
        fits = self.shared.shape == (width, width) and self.freedoms.shape == (classes,)
        return fits and not bool((self.freedoms < 0).any())

    def _extended(self, other: Self) -> Self:
        own, more = self.freedoms.double().sum(), other.freedoms.double().sum()
        pooled = (own * self.shared.double() + more * other.shared.double()) / (own + more).clamp_min(1)
        return type(self)(pooled.float(), torch.cat([self.freedoms, other.freedoms]))
