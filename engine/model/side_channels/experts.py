"""Experts behind a selector: each knows some classes, and the selector says which to believe."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.model.side_channel import SIDE_CHANNELS, SideChannel

if TYPE_CHECKING:
    from torch import Tensor


@SIDE_CHANNELS.register
@dataclass(frozen=True)
class ExpertsSide(SideChannel):
    """Linear experts behind a linear selector.

    Jacobs et al., "Adaptive Mixtures of Local Experts", 1991; Zhu et al., "TAME", arXiv 2210.03869.

    Attributes:
        weights, biases: [E, C, D] and [E, C], of each of E experts.
        selector, offsets: [E, D] and [E].
    """

    axes: ClassVar[Mapping[str, int]] = {"weights": 3, "biases": 2, "selector": 2, "offsets": 1}

    weights: Tensor
    biases: Tensor
    selector: Tensor
    offsets: Tensor

    def logits(self, features: Tensor, scores: Tensor) -> Tensor:
        """log sum over experts of p(expert | x) p(class | x, expert)."""
        from torch import log_softmax, logsumexp

        gate = log_softmax(self.routes(features), 1)  # [N, E]
        own = log_softmax(self.opinions(features), 2)  # [N, E, C]
        return logsumexp(gate[:, :, None] + own, 1)

    def routes(self, features: Tensor) -> Tensor:
        """What the selector gives each expert, [N, E]."""
        return features @ self.selector.T + self.offsets

    def opinions(self, features: Tensor) -> Tensor:
        """The logits of every expert, [N, E, C]."""
        from torch import einsum

        return einsum("nd,ecd->nec", features, self.weights) + self.biases

    def why_not(self, width: int, concepts: int, classes: int) -> str | None:
        """As many biases as weights, and a selector for each expert."""
        experts = len(self.offsets)
        wanted = {"weights": (experts, classes, width), "biases": (experts, classes), "selector": (experts, width)}
        for name, shape in wanted.items():
            if (found := tuple(getattr(self, name).shape)) != shape:
                return f"the {name} of its experts are {found} instead of {shape}"
        return None if experts else "it has no experts"
