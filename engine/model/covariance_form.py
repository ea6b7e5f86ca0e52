"""In which form a run keeps the covariances of its classes, and how much that is; known without torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

FULL, LOW_RANK, SHARED = "full", "low_rank", "shared"
FORMS: Mapping[str, str] = {
    FULL: "full: a matrix a class, as published",
    LOW_RANK: "low rank: a few axes a class, and the variance left in each dimension",
    SHARED: "shared: one matrix for all classes",
}
"""Every form, in words for people."""
RANK = 32
"""Axes a class, where nobody says."""


@dataclass(frozen=True, slots=True)
class CovarianceForm:
    """A form (see `engine.model.covariances`).

    Attributes:
        name: one of `FORMS`.
        rank: axes a class in the low-rank form, at most; nothing in the others.
    """

    name: str = FULL
    rank: int = RANK

    def held(self, classes: int, width: int) -> int:
        """How many numbers covariances take in memory together with what samples are drawn by.

        A matrix has a Cholesky factor beside it; in the low-rank form it is the deviations left in each dimension.
        """
        if self.name == LOW_RANK:
            return classes * width * (min(self.rank, width) + 2)
        return 2 * width**2 * (1 if self.name == SHARED else classes)
