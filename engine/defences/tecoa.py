"""Adversarial training against the texts, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from engine.defences.base import DEFENCES, Defence


@DEFENCES.register
@dataclass(frozen=True)
class TeCoA(Defence):
    """TeCoA: attacked images should keep their texts.

    Text-guided contrastive adversarial training: cross-entropy of attacked images among the texts, by the visual tower
    (Mao et al., "Understanding zero-shot adversarial robustness for large-scale models", ICLR 2023).
    """

    needs_maps: ClassVar[bool] = False
