"""What every form of covariances gives."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import ClassVar, Self

import numpy as np
import torch
from torch import Tensor

from engine.errors import NotApplicable
from engine.model.covariance_form import CovarianceForm

Root = Callable[[Tensor], Tensor]
"""Makes of standard normal numbers [n, `Covariances.normals`] deviations of a class's images from its mean, [n, D]."""
Rows = slice | Sequence[int] | Tensor
"""Positions of classes."""


class Covariances(ABC):
    """Covariances of C classes in D dimensions: a frozen dataclass of float32 tensors."""

    name: ClassVar[str]
    """One of `engine.model.covariance_form.FORMS`."""
    axes: ClassVar[Mapping[str, int]]
    """How many axes each field has; every field is listed."""

    @property
    def tensors(self) -> dict[str, Tensor]:
        """Its arrays by field."""
        return {name: getattr(self, name) for name in self.axes}

    @property
    def kept(self) -> bool:
        """Whether there are any; a method that needs none keeps none."""
        return self.width > 0

    @property
    @abstractmethod
    def width(self) -> int:
        """D, or 0 where none are kept."""

    @property
    @abstractmethod
    def normals(self) -> int:
        """How many standard normal numbers a sample takes."""

    @property
    @abstractmethod
    def numbers(self) -> int:
        """How many numbers are kept; of a symmetric matrix one triangle."""

    @abstractmethod
    def of(self, position: int) -> Tensor:
        """The matrix of one class, [D, D]."""

    @abstractmethod
    def mean(self, dtype: torch.dtype = torch.float32) -> Tensor:
        """The mean over classes, [D, D], every class counting alike; of the shared form the matrix itself."""

    @abstractmethod
    def roots(self, ridge: float, dtype: torch.dtype = torch.float32) -> Iterator[Root]:
        """What draws from each class's covariance with `ridge` added to its diagonal, class by class, one at a time."""

    @abstractmethod
    def select(self, rows: Rows) -> Self:
        """Those of some classes; what is shared stays as all classes made it."""

    @classmethod
    @abstractmethod
    def of_images(cls, classes: Sequence[Tensor], form: CovarianceForm) -> Self:
        """Of the images [n, D] of each class."""

    @classmethod
    @abstractmethod
    def of_parts(cls, parts: Sequence[Self]) -> Self:
        """What `select` cut into parts, the newest classes last, as one again."""

    @abstractmethod
    def turned(self, turn: Callable[[Tensor], Tensor]) -> Self:
        """After a movement x -> A x of the embeddings, A S A'.

        Args:
            turn: takes differences [..., D], float64, to where they are afterwards.
        """

    def why_not(self, classes: int, width: int) -> str | None:
        """Why these are no covariances of C = `classes` in D = `width` dimensions, in words, or None."""
        arrays = self.tensors.values()
        # By numpy: a file has little to look at, and torch's threads take longer to come together than that takes.
        sound = all(array.dtype == torch.float32 and np.isfinite(array.numpy()).all() for array in arrays)
        if sound and self._fits(classes, width):
            return None
        return f"its covariances in the form {self.name} are none that training leaves, or do not fit the rest"

    @abstractmethod
    def _fits(self, classes: int, width: int) -> bool:
        """Whether shapes, and numbers that must not be negative, are those of C classes in D dimensions."""

    def extended(self, other: Covariances) -> Covariances:
        """These classes followed by others.

        Raises:
            NotApplicable: the others are kept in another form, or only one of the two is kept.
        """
        if type(other) is not type(self) or other.kept != self.kept:
            raise NotApplicable(
                "class statistics",
                f"the run so far kept {_told(self)}, and this task's method keeps {_told(other)}",
                "Start from the first task, or choose a method and class_covariances that keep the same",
            )
        return self._extended(other)

    def _extended(self, other: Self) -> Self:
        return self.of_parts([self, other])


def _told(covariances: Covariances) -> str:
    return f"covariances in the form {covariances.name}" if covariances.kept else "no covariances of its classes"


def times(root: Tensor, normals: Tensor) -> Tensor:
    """Deviations [n, D] of normal numbers [n, D], by a Cholesky factor [D, D]."""
    return normals @ root.T


def turned_matrix(matrix: Tensor, turn: Callable[[Tensor], Tensor]) -> Tensor:
    """A S A' of one matrix [D, D], reckoned in float64."""
    moved = turn(turn(matrix.double()).T)
    return ((moved + moved.T) / 2).float()  # rounding must not make it skew
