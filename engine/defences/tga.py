"""Adversarial training that also holds the attention of the texts in place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.defences.base import DEFENCES, Defence, distance, normalised
from engine.params import param

if TYPE_CHECKING:
    from torch import Tensor

    from engine.defences.base import Views


@DEFENCES.register
@dataclass(frozen=True)
class TGA(Defence):
    """TGA-ZSR: attention should stay where it was.

    TeCoA's cross-entropy, plus the distance between the true texts' attention on attacked images and the untouched
    tower's on clean ones (refinement), plus the same for the tuned tower's attention on clean images (constraint)
    (Yu et al., "Text-guided attention is all you need for zero-shot robustness in vision-language models", NeurIPS
    2024; weights 0.08 and 0.05). Attention: patch scores of the text, stretched to 0..1.
    """

    refinement: float = param(0.08, low=0.0, high=100.0, help="Weight of attention on attacked images; published 0.08.")
    constraint: float = param(0.05, low=0.0, high=100.0, help="Weight of attention on clean images; published 0.05.")

    def penalties(self, views: Views) -> dict[str, Tensor]:
        """Both distances, weighed."""
        held = normalised(views.original)
        return {
            "refinement": self.refinement * distance(normalised(views.attacked), held),
            "constraint": self.constraint * distance(normalised(views.clean), held),
        }
