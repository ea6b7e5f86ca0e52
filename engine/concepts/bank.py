"""The concept bank: which texts the bottleneck's rows stand for, and where each came from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class Concept:
    """One row of a bank.

    Attributes:
        text: the words.
        group: what it is about ("bill"), or `""`.
        task: the task that brought it.
        class_id: the dataset's index of the class it was listed for, or -1 for none.
        truth: column of the dataset's concept truth that says whether it holds, or None.
    """

    text: str
    group: str = ""
    task: int = 0
    class_id: int = -1
    truth: int | None = None


@dataclass(frozen=True, slots=True)
class ConceptBank:
    """Concepts and their text embeddings.

    Attributes:
        concepts: K entries.
        embeddings: float32 [K, D], unit length.
    """

    concepts: tuple[Concept, ...]
    embeddings: Tensor

    def __post_init__(self) -> None:
        if len(self.concepts) != self.embeddings.shape[0]:
            raise ValueError(f"{len(self.concepts)} concepts but {self.embeddings.shape[0]} embeddings")

    def __len__(self) -> int:
        return len(self.concepts)

    def select(self, rows: Sequence[int]) -> ConceptBank:
        """The bank made of the given rows, in that order."""
        return ConceptBank(tuple(self.concepts[i] for i in rows), self.embeddings[list(rows)])

    def extended(self, other: ConceptBank) -> ConceptBank:
        """This bank followed by another."""
        return ConceptBank(self.concepts + other.concepts, torch.cat([self.embeddings, other.embeddings]))

    @staticmethod
    def empty(width: int) -> ConceptBank:
        """A bank without concepts for embeddings of `width` dimensions."""
        return ConceptBank((), torch.zeros(0, width))
