"""How far the making of a report is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReportStep:
    """Progress.

    Attributes:
        done, total: of roughly equal steps.
        word: what is being done, for people.
    """

    done: int
    total: int
    word: str

    @property
    def share(self) -> float:
        """0..1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0
