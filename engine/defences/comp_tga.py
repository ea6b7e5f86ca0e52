"""TGA-ZSR with attention that is also checked against the denied text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.defences.base import DEFENCES, Defence, distance, normalised
from engine.params import param

if TYPE_CHECKING:
    from torch import Tensor

    from engine.defences.base import Views


@DEFENCES.register
@dataclass(frozen=True)
class CompTGA(Defence):
    """Comp-TGA: attention of a text where its denial does not look.

    As TGA-ZSR, with the map of the text times one minus the map of the denied text (Yu et al., Comp-TGA, TPAMI 2026;
    weights 0.10 and 0.07). How a text is denied: `engine.backbone.denial`.
    """

    needs_denials: ClassVar[bool] = True

    refinement: float = param(0.10, low=0.0, high=100.0, help="Weight of attention on attacked images; published 0.10.")
    constraint: float = param(0.07, low=0.0, high=100.0, help="Weight of attention on clean images; published 0.07.")

    def penalties(self, views: Views) -> dict[str, Tensor]:
        """Both distances, weighed."""
        held = complementary(views.original, views.original_denied)
        return {
            "refinement": self.refinement * distance(complementary(views.attacked, views.attacked_denied), held),
            "constraint": self.constraint * distance(complementary(views.clean, views.clean_denied), held),
        }


def complementary(affirmed: Tensor, denied: Tensor | None) -> Tensor:
    """The map of a text where its denial's map is low, [..., P], 0..1."""
    if denied is None:
        raise ValueError("a complementary map needs the denied text's map")
    return normalised(affirmed) * (1 - normalised(denied))
