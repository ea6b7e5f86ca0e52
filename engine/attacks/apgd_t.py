"""Auto-PGD towards one class after another."""

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
class APGDT(Attack):
    """APGD-T: APGD towards one likely class after another.

    The targeted ratio of logit differences is raised for each of the classes that are likeliest on the clean image in
    turn (Croce & Hein, "Reliable Evaluation of Adversarial Robustness with an Ensemble of Diverse Parameter-free
    Attacks", ICML 2020, section 4): the second attack of their standard set, there with 9 classes and 100 steps each.
    """

    eps: float = param(
        4.0, low=0.01, high=1024.0, unit="/255", help="Largest change of the image in the norm; 64 at most for linf."
    )
    steps: int = param(10, low=1, high=1000, help="Steps towards every class; 100 for figures to report.")
    classes: int = param(9, low=1, high=1000, help="How many classes are tried, the likeliest first.")
    norm: str = param("linf", choices=NORMS, help="linf bounds every pixel's change, l2 the length of all together.")

    def __post_init__(self) -> None:
        super().__post_init__()
        check_eps(self.name, self.norm, self.eps)

    def run(self, victim: Victim, images: Tensor, objective: Objective, seed: int, whole: bool = False) -> Attacking:
        """Attack images [B, 3, S, S]; the targeted ratio replaces the objective's own loss where any class would do.
        See `Attack.run`."""
        from engine.attacks.ball import Ball
        from engine.attacks.climbing import Climber
        from engine.attacks.hunt import Hunt

        hunt = Hunt(self.name, victim, images, objective, self.steps, whole)
        rivals = hunt.rivals(self.classes, "dlr")
        hunt.steps = self.steps * len(rivals)
        ball = Ball(self.norm, self.eps / PIXEL, hunt.clean)
        hunt.aim(rivals[0])
        hunt.see(hunt.clean)
        yield hunt.look(0)
        for place, rival in enumerate(rivals):
            if hunt.over:
                break
            hunt.aim(rival)
            climber = Climber(hunt, ball, ball.random(seed, self.name, place), self.steps)
            for step in range(1, self.steps + 1):
                if hunt.over:
                    break
                climber.advance()
                yield hunt.look(place * self.steps + step)
        return hunt.result()
