"""Energies of classes and concepts: an answer is what an image, its concepts and a class agree on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from engine.model.side_channel import SIDE_CHANNELS, SideChannel

if TYPE_CHECKING:
    from torch import Tensor

STEPS = 5
"""Steps in which concepts and class settle."""
_PACE = 0.5  # share of the way taken in each: whole steps of all concepts at once may swing


@SIDE_CHANNELS.register
@dataclass(frozen=True)
class Energies(SideChannel):
    """Energies between image, concepts and class.

    Xu et al., "Energy-Based Concept Bottleneck Models", ICLR 2024. The energy of an image x, concepts c in 0..1 and a
    class y, low where they agree, is

        l_xy E_xy(x, y) + l_cy E_cy(c, y) - sum_k c_k (s_k + offset_k),      s = concept scores, linear in x
        E_xy(x, y) = relu(direct_in x + direct_offset) . direct_out_y
        E_cy(c, y) = relu(through_in c + through_offset) . through_out_y

    The paper's energies w . relu(u + u * e) have this form, because an embedding e of unit length keeps 1 + e from
    being negative: `out_y` is w * (1 + e_y) but for what all classes have in common, w * (1 + mean e). That part no
    loss over classes ever trains; kept in E_cy it would pull all concepts somewhere at random.

    Concepts settle by mean field: from sigmoid(s + offset) on, each concept's log odds move to s_k + offset_k minus
    l_cy times the slope of E_cy in c_k, expected over the classes as they are then. A fixed number of damped steps, so
    that gradients reach the pixels through E_cy too. The logits are minus the energies of the classes at the end.

    The model's head reads the concepts' part of these logits as well as a linear map can. It is taken off here, so that
    the two add up to the energies exactly and the side channel is what the linear map leaves.

    Attributes:
        offsets: [K], log odds of each concept at score 0.
        direct_in, direct_offset, direct_out: [H, D], [H], [C, H].
        through_in, through_offset, through_out: [H, K], [H], [C, H].
        weights: [2], l_xy and l_cy.
        linear, constant: [C, K] and [C], equal to the model's head and bias when it was trained.
    """

    axes: ClassVar[Mapping[str, int]] = {
        "offsets": 1,
        "direct_in": 2,
        "direct_offset": 1,
        "direct_out": 2,
        "through_in": 2,
        "through_offset": 1,
        "through_out": 2,
        "weights": 1,
        "linear": 2,
        "constant": 1,
    }
    through_concepts: ClassVar[bool] = True
    """E_cy reads the scores, so whoever sets a concept acts through it; E_xy reads the image and stays as it is."""

    offsets: Tensor
    direct_in: Tensor
    direct_offset: Tensor
    direct_out: Tensor
    through_in: Tensor
    through_offset: Tensor
    through_out: Tensor
    weights: Tensor
    linear: Tensor
    constant: Tensor

    def why_not(self, width: int, concepts: int, classes: int) -> str | None:
        """The hidden widths are its own, all else follows the model."""
        direct, through = self.direct_in.shape[0], self.through_in.shape[0]
        wanted = {
            "offsets": (concepts,),
            "direct_in": (direct, width),
            "direct_offset": (direct,),
            "direct_out": (classes, direct),
            "through_in": (through, concepts),
            "through_offset": (through,),
            "through_out": (classes, through),
            "weights": (2,),
            "linear": (classes, concepts),
            "constant": (classes,),
        }
        for name, shape in wanted.items():
            found = tuple(getattr(self, name).shape)
            if found != shape:
                return f"its {name} is {found} instead of {shape}"
        return None

    def logits(self, features: Tensor, scores: Tensor) -> Tensor:
        """What the settled energies say beyond the linear head."""
        whole = self.answers(features, self.settled(features, scores).sigmoid())
        return whole - scores @ self.linear.T - self.constant

    def settled(
        self, features: Tensor, scores: Tensor, held: Tensor | None = None, classes: Tensor | None = None
    ) -> Tensor:
        """Log odds of the concepts once they and the class have settled, [N, K].

        Args:
            features, scores: [N, D] and [N, K].
            held: bool, [K] or [N, K]: concepts that somebody has set, to what their scores say; they do not move.
            classes: [N, C], probabilities of the classes where these are given; else they settle too.
        """
        own = scores + self.offsets
        direct = self.weights[0] * self.direct(features) if classes is None else None
        odds = own
        for _ in range(STEPS):
            hidden = odds.sigmoid() @ self.through_in.T + self.through_offset  # [N, H]
            if direct is not None:
                classes = (-(direct + self.weights[1] * hidden.relu() @ self.through_out.T)).softmax(-1)
            assert classes is not None  # given, or just computed
            slope = ((classes @ self.through_out) * (hidden > 0)) @ self.through_in  # [N, K]
            moved = odds + _PACE * (own - self.weights[1] * slope - odds)
            odds = moved if held is None else own.where(held, moved)
        return odds

    def answers(self, features: Tensor, concepts: Tensor) -> Tensor:
        """Logits of the classes where the concepts are given, [N, D] and [N, K] in 0..1 -> [N, C]."""
        return -(self.weights[0] * self.direct(features) + self.weights[1] * self.through(concepts))

    def direct(self, features: Tensor) -> Tensor:
        """E_xy, [N, D] -> [N, C]."""
        return (features @ self.direct_in.T + self.direct_offset).relu() @ self.direct_out.T

    def through(self, concepts: Tensor) -> Tensor:
        """E_cy, [N, K] in 0..1 -> [N, C]."""
        return (concepts @ self.through_in.T + self.through_offset).relu() @ self.through_out.T
