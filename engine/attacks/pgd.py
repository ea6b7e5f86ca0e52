"""Projected gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.attacks.base import ATTACKS, NORMS, PIXEL, Attack, check_eps
from engine.params import param

if TYPE_CHECKING:
    from torch import Tensor

    from engine.attacks.base import Attacking
    from engine.attacks.objectives import Objective
    from engine.attacks.victim import Victim


@ATTACKS.register
@dataclass(frozen=True)
class PGD(Attack):
    """PGD: many small steps along the gradient.

    From a random point of the ball, steps of fixed length along the steepest rise of the loss, each brought back into
    the ball and into 0..1 (Madry et al., "Towards Deep Learning Models Resistant to Adversarial Attacks", ICLR 2018).
    """

    eps: float = param(
        4.0, low=0.01, high=1024.0, unit="/255", help="Largest change of the image in the norm; 64 at most for linf."
    )
    steps: int = param(10, low=1, high=1000, help="Steps of every restart; 100 for figures to report.")
    step: float = param(0.25, low=0.001, high=2.0, unit="of eps", help="Length of a step, as a share of eps.")
    norm: str = param("linf", choices=NORMS, help="linf bounds every pixel's change, l2 the length of all together.")
    restarts: int = param(1, low=0, high=50, help="Random starting points tried in turn; 0 starts at the image itself.")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_eps(self.name, self.norm, self.eps)

    def run(self, victim: Victim, images: Tensor, objective: Objective, seed: int, whole: bool = False) -> Attacking:
        """Attack images [B, 3, S, S]; see `Attack.run`."""
        from engine.attacks.ascent import ascend
        from engine.attacks.ball import Ball
        from engine.attacks.hunt import Hunt

        hunt = Hunt(self.name, victim, images, objective, self.steps * max(1, self.restarts), whole)
        ball = Ball(self.norm, self.eps / PIXEL, hunt.clean)
        return (yield from ascend(hunt, ball, self.steps, self.step, self.restarts, self.name, seed))
