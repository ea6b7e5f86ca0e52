"""The fast adaptive boundary attack, class by class."""

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

# All from section 4 of the paper, and its released code.
_BEYOND = 1.05  # how far past the linearised boundary a step goes
_BACK = 0.9  # share of the change that is kept once the class has changed
_HOME = 0.1  # most that a step is drawn to the clean image


@ATTACKS.register
@dataclass(frozen=True)
class FAB(Attack):
    """FAB: the smallest change, class by class.

    Steps onto the boundary between two classes as it would be were the model linear, drawn to the clean image; once
    across, part of the way back (Croce & Hein, "Minimally Distorted Adversarial Examples with a Fast Adaptive Boundary
    Attack", ICML 2020; l_inf, targeted as in AutoAttack's standard set: 9 classes and 100 steps each). It looks for
    short changes wherever they lie; an image counts as won where one within the allowed distance was found. Every step
    is also tried as far as the distance allows, which the authors' code does not do and which can only find more.
    """

    eps: float = param(4.0, low=0.01, high=LINF_HIGH, unit="/255", help="Largest change of every pixel.")
    steps: int = param(10, low=1, high=1000, help="Steps towards every class; 100 for figures to report.")
    classes: int = param(9, low=1, high=1000, help="How many classes are tried, the likeliest first.")

    def run(self, victim: Victim, images: Tensor, objective: Objective, seed: int, whole: bool = False) -> Attacking:
        """Attack images [B, 3, S, S]; the lead of one class over another replaces the objective's own loss where any
        class would do. Nothing is drawn by chance. See `Attack.run`."""
        from engine.attacks.ball import Ball
        from engine.attacks.hunt import Hunt

        hunt = Hunt(self.name, victim, images, objective, self.steps, whole)
        rivals = hunt.rivals(self.classes, "margin")
        hunt.steps = self.steps * len(rivals)
        ball = Ball("linf", self.eps / PIXEL, hunt.clean)
        hunt.aim(rivals[0])
        hunt.see(hunt.clean)
        yield hunt.look(0)
        for place, rival in enumerate(rivals):
            hunt.aim(rival)
            now = hunt.clean
            for step in range(1, self.steps + 1):
                if hunt.over:
                    return hunt.result()
                lead, slope = hunt.lead(now)
                now = _stepped(hunt.clean, now, lead, slope)
                hunt.see(ball.project(now))
                now = (hunt.clean + _BACK * (now - hunt.clean)).where(hunt.wins(now).view(-1, 1, 1, 1), now)
                yield hunt.look(place * self.steps + step)
        return hunt.result()


def _stepped(clean: Tensor, now: Tensor, lead: Tensor, slope: Tensor) -> Tensor:
    """The next point (equation 6): between the boundary's points nearest to the present and to the clean image."""
    change = (clean - now).flatten(1)
    normal = slope.flatten(1)
    here = to_plane(now.flatten(1), normal, -lead)
    home = to_plane(clean.flatten(1), normal, -lead - (normal * change).sum(1))
    near, far = (d.abs().amax(1, keepdim=True) for d in (here, home))
    share = (near / (near + far).clamp(min=1e-8)).clamp(max=_HOME)
    stepped = (now.flatten(1) + _BEYOND * here) * (1 - share) + (clean.flatten(1) + _BEYOND * home) * share
    return stepped.clamp(0.0, 1.0).view_as(clean)


def to_plane(points: Tensor, normal: Tensor, gap: Tensor) -> Tensor:
    """The change whose largest entry is smallest that brings points onto a plane and leaves them in 0..1, [B, N].

    Where the plane is out of reach, as far towards it as 0..1 allows.

    Args:
        points: [B, N] in 0..1.
        normal: [B, N].
        gap: [B], what the inner product of change and normal shall be.
    """
    import torch

    sign = normal.sign() * gap.sign()[:, None]
    room = torch.where(sign > 0, 1 - points, points)
    weight = normal.abs()
    order = room.argsort(1)
    sorted_room, sorted_weight = room.gather(1, order), weight.gather(1, order)
    none = weight.new_zeros(len(weight), 1)
    spent = torch.cat([none, (sorted_weight * sorted_room).cumsum(1)], 1)  # by the k entries with the least room
    free = (sorted_weight.sum(1, keepdim=True) - torch.cat([none, sorted_weight.cumsum(1)], 1)).clamp(min=0)
    reached = spent[:, :-1] + sorted_room * free[:, :-1]  # with changes as large as the k-th entry's room, rising in k
    place = (reached < gap.abs()[:, None]).sum(1, keepdim=True)
    size = (gap.abs()[:, None] - spent.gather(1, place)) / free.gather(1, place).clamp(min=1e-30)
    size = size.clamp(min=0).minimum(sorted_room[:, -1:])
    return sign * torch.minimum(size, room)
