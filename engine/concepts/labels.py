"""Which concepts are listed for which classes: the labels of a class-level bottleneck."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from engine.concepts.bank import ConceptBank


def class_level(bank: ConceptBank, class_ids: Sequence[int], candidates: ConceptBank) -> Tensor:
    """Whether a text of the bank is listed for a class, bool [C, K].

    Texts decide, not rows: what is listed for several classes holds for all of them, and a concept of an earlier task
    for a later class that lists the same words.

    Args:
        bank: whose K concepts are asked about.
        class_ids: the dataset's indices of C classes.
        candidates: what is listed for these classes.
    """
    listed: dict[int, set[str]] = {}
    for concept in candidates.concepts:
        listed.setdefault(concept.class_id, set()).add(concept.text)
    nothing: set[str] = set()
    rows = [[concept.text in listed.get(c, nothing) for concept in bank.concepts] for c in class_ids]
    return torch.tensor(rows, dtype=torch.bool).reshape(len(class_ids), len(bank))
