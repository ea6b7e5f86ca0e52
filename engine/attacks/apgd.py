"""Auto-PGD."""

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
class APGD(Attack):
    """APGD: PGD that chooses its own step.

    Long steps with momentum at first; at checkpoints the step is halved and the search goes back to the best point
    wherever the loss has stopped rising (Croce & Hein, "Reliable Evaluation of Adversarial Robustness with an Ensemble
    of Diverse Parameter-free Attacks", ICML 2020). No step length to tune, so it is the fairer judge of a defence.
    """

    eps: float = param(
        4.0, low=0.01, high=1024.0, unit="/255", help="Largest change of the image in the norm; 64 at most for linf."
    )
    steps: int = param(10, low=1, high=1000, help="Steps of every restart; 100 for figures to report.")
    loss: str = param("ce", choices=("ce", "dlr"), help="Cross-entropy, or the difference of logits ratio.")
    norm: str = param("linf", choices=NORMS, help="linf bounds every pixel's change, l2 the length of all together.")
    restarts: int = param(1, low=1, high=50, help="Random starting points tried in turn.")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_eps(self.name, self.norm, self.eps)

    def run(self, victim: Victim, images: Tensor, objective: Objective, seed: int, whole: bool = False) -> Attacking:
        """Attack images [B, 3, S, S]; `loss` replaces the objective's own where it has a choice. See `Attack.run`."""
        from engine.attacks.ball import Ball
        from engine.attacks.climbing import Climber
        from engine.attacks.hunt import Hunt

        aim = objective.with_kind("dlr" if self.loss == "dlr" else "ce")
        hunt = Hunt(self.name, victim, images, aim, self.steps * self.restarts, whole)
        ball = Ball(self.norm, self.eps / PIXEL, hunt.clean)
        hunt.see(hunt.clean)
        yield hunt.look(0)
        for restart in range(self.restarts):
            if hunt.over:
                break
            climber = Climber(hunt, ball, ball.random(seed, self.name, restart), self.steps)
            for step in range(1, self.steps + 1):
                if hunt.over:
                    break
                climber.advance()
                yield hunt.look(restart * self.steps + step)
        return hunt.result()
