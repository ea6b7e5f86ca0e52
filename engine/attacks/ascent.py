"""Steps along the gradient that FGSM, PGD and CW share: start, step, project, start again."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.attacks.ball import Ball
    from engine.attacks.base import Attacking
    from engine.attacks.hunt import Hunt


def ascend(hunt: Hunt, ball: Ball, steps: int, step: float, restarts: int, role: str, seed: int) -> Attacking:
    """Climb the loss; yields a look at the clean images and after every step.

    Args:
        step: length of a step as a share of the ball's radius.
        restarts: random starting points, tried in turn on the images that are not won yet; 0 starts once at the image.
        role: name of the random streams.
    """
    slope = hunt.climb(hunt.clean, last=restarts > 0)
    yield hunt.look(0)
    for restart in range(max(1, restarts)):
        now = hunt.clean
        if restarts and not hunt.over:
            now = ball.random(seed, role, restart)
            slope = hunt.climb(now)
        for number in range(1, steps + 1):
            if hunt.over:
                return hunt.result()
            now = ball.project(now + step * ball.radius * ball.steepest(slope))
            slope = hunt.climb(now, last=number == steps)
            yield hunt.look(restart * steps + number)
    return hunt.result()
