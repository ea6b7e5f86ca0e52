"""The Square attack: answers only, no gradients."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.attacks.base import ATTACKS, LINF_HIGH, PIXEL, Attack
from engine.params import param

if TYPE_CHECKING:
    from torch import Generator, Tensor

    from engine.attacks.ball import Ball
    from engine.attacks.base import Attacking
    from engine.attacks.objectives import Objective
    from engine.attacks.victim import Victim

_SCHEDULE = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)
"""Queries after which the squares' area is halved, for a search of _SCHEDULED queries; from the authors' code."""
_SCHEDULED = 10_000


@ATTACKS.register
@dataclass(frozen=True)
class Square(Attack):
    """Square: random squares, without gradients.

    From random vertical stripes, every query repaints one random square of the image with the largest change allowed,
    and keeps it if the margin fell (Andriushchenko et al., "Square Attack: a query-efficient black-box adversarial
    attack via random search", ECCV 2020; l_inf). It sees logits only, so masked gradients do not hinder it.
    """

    white_box = False

    eps: float = param(4.0, low=0.01, high=LINF_HIGH, unit="/255", help="Largest change of every pixel.")
    steps: int = param(200, low=1, high=10_000, unit="queries", help="Questions asked about every image.")
    share: float = param(0.8, low=0.01, high=1.0, unit="of the area", help="Area of the first squares.")

    def run(self, victim: Victim, images: Tensor, objective: Objective, seed: int, whole: bool = False) -> Attacking:
        """Attack images [B, 3, S, S]; the margin replaces the objective's own loss. See `Attack.run`."""
        from engine.attacks.ball import Ball, fingerprints
        from engine.attacks.hunt import Hunt
        from engine.rng import torch_stream

        hunt = Hunt(self.name, victim, images, objective.with_kind("margin"), self.steps, whole, rising=True)
        ball = Ball("linf", self.eps / PIXEL, hunt.clean)
        streams = [torch_stream(seed, self.name, key) for key in fingerprints(hunt.clean)]
        hunt.see(hunt.clean)
        yield hunt.look(0)
        for step in range(1, self.steps + 1):
            if hunt.over:
                break
            area = self.share / 2 ** halvings(step - 1, self.steps)
            hunt.see(_stripes(ball, streams) if step == 1 else _squares(ball, hunt.now, streams, area))
            yield hunt.look(step)
        return hunt.result()


def halvings(done: int, steps: int) -> int:
    """How often the squares' area has been halved after `done` of `steps` queries."""
    scaled = int(done / steps * _SCHEDULED)
    return sum(scaled > start for start in _SCHEDULE)


def _stripes(ball: Ball, streams: list[Generator]) -> Tensor:
    """The start: every column of every channel is wholly up or down."""
    from torch import stack

    channels, side = ball.centre.shape[1], ball.centre.shape[3]
    signs = [_signs((channels, 1, side), rng) for rng in streams]
    return ball.project(ball.centre + ball.radius * stack(signs).to(ball.centre))


def _squares(ball: Ball, now: Tensor, streams: list[Generator], area: float) -> Tensor:
    """A candidate for every image: one square of it, each channel wholly up or down from the clean image."""
    import torch

    channels, side = now.shape[1], now.shape[3]
    length = min(max(round(math.sqrt(area) * side), 1), side - 1)
    change = torch.zeros(now.shape)
    inside = torch.zeros(len(now), 1, side, side, dtype=torch.bool)
    for row, rng in enumerate(streams):
        top, left = torch.randint(0, side - length + 1, (2,), generator=rng).tolist()
        window = slice(top, top + length), slice(left, left + length)
        change[row, :, *window] = _signs((channels, 1, 1), rng)
        inside[row, :, *window] = True
    painted = ball.centre + ball.radius * change.to(now)
    return ball.project(painted).where(inside.to(now.device), now)


def _signs(shape: tuple[int, ...], rng: Generator) -> Tensor:
    from torch import randint

    return 2.0 * randint(0, 2, shape, generator=rng) - 1.0
