"""The margin attack."""

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
class CW(Attack):
    """CW: steps along the margin's gradient.

    The loss of Carlini & Wagner ("Towards Evaluating the Robustness of Neural Networks", S&P 2017), logit of the best
    other class minus that of the label, climbed by projected steps in an l_inf ball, as papers on robustness use it.
    Unlike cross-entropy the margin does not saturate where the model is very sure. (Their own attack minimises the
    l_2 distance instead; for the smallest strength see `engine.attacks.smallest`.)
    """

    eps: float = param(4.0, low=0.01, high=LINF_HIGH, unit="/255", help="Largest change of every pixel.")
    steps: int = param(10, low=1, high=1000, help="Steps of every restart; 100 for figures to report.")
    step: float = param(0.25, low=0.001, high=2.0, unit="of eps", help="Length of a step, as a share of eps.")
    restarts: int = param(1, low=0, high=50, help="Random starting points tried in turn; 0 starts at the image itself.")

    def run(self, victim: Victim, images: Tensor, objective: Objective, seed: int, whole: bool = False) -> Attacking:
        """Attack images [B, 3, S, S]; the margin replaces the objective's own loss. See `Attack.run`."""
        from engine.attacks.ascent import ascend
        from engine.attacks.ball import Ball
        from engine.attacks.hunt import Hunt

        aim = objective.with_kind("margin")
        hunt = Hunt(self.name, victim, images, aim, self.steps * max(1, self.restarts), whole)
        ball = Ball("linf", self.eps / PIXEL, hunt.clean)
        return (yield from ascend(hunt, ball, self.steps, self.step, self.restarts, self.name, seed))
