"""The fast gradient sign method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.attacks.base import ATTACKS, LINF_HIGH, PIXEL, Attack
from engine.params import param

if TYPE_CHECKING:
    from torch import Tensor

    from engine.attacks.base import Attacking
    from engine.attacks.objectives import Objective
    from engine.attacks.victim import Victim


@ATTACKS.register
@dataclass(frozen=True)
class FGSM(Attack):
    """FGSM: one step along the gradient's sign.

    From the image itself, every pixel moves by eps in the direction in which the loss rises (Goodfellow et al.,
    "Explaining and Harnessing Adversarial Examples", ICLR 2015). Fast and weak: a model that withstands it may be
    helpless against more steps.
    """

    eps: float = param(4.0, low=0.01, high=LINF_HIGH, unit="/255", help="Change of every pixel.")

    def run(self, victim: Victim, images: Tensor, objective: Objective, seed: int, whole: bool = False) -> Attacking:
        """Attack images [B, 3, S, S]; nothing is random, so the seed does not matter. See `Attack.run`."""
        from engine.attacks.ascent import ascend
        from engine.attacks.ball import Ball
        from engine.attacks.hunt import Hunt

        hunt = Hunt(self.name, victim, images, objective, 1, whole)
        ball = Ball("linf", self.eps / PIXEL, hunt.clean)
        return (yield from ascend(hunt, ball, steps=1, step=1.0, restarts=0, role=self.name, seed=seed))
