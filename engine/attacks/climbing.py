"""The search of Auto-PGD: long steps with momentum, halved where the loss stops rising.

Written here and not taken from a library (torchattacks, ART, the authors' AutoAttack) because none of them can be
watched step by step or cancelled, all draw from the global random state, and all know class labels only, not concepts.
`engine.bench._attack_checks` compares it with ART's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from engine.attacks.ball import Ball
    from engine.attacks.hunt import Hunt

# All from section 3 of the paper.
_FIRST_STEP = 2.0  # radii
_MOMENTUM = 0.75  # share of the new direction
_RISES = 0.75  # share of steps between checkpoints in which the loss must rise, else the step is halved
_FIRST_CHECK, _NEARER, _LEAST = 0.22, 0.03, 0.06  # shares of all steps: first period, how much each is shorter, least


class Climber:
    """One restart for all images; each has its own step length, best point and history."""

    def __init__(self, hunt: Hunt, ball: Ball, start: Tensor, steps: int) -> None:
        self._hunt, self._ball, self._steps = hunt, ball, steps
        self._done = 0
        self._now = self._before = self._best = start
        self._slope = self._best_slope = hunt.climb(start)
        self._best_loss = hunt.loss
        self._length = hunt.loss.new_full(hunt.loss.shape, _FIRST_STEP * ball.radius)
        self._losses = [hunt.loss]  # since the last checkpoint, the one there included
        self._checkpoints = checkpoints(steps)
        self._next = next(self._checkpoints)
        self._halved = hunt.won.new_ones(hunt.won.shape)
        self._checked_loss = hunt.loss

    def advance(self) -> None:
        """One step, and at a checkpoint the halving."""
        self._move()
        self._done += 1
        self._slope = self._hunt.climb(self._now, last=self._done == self._steps)
        loss = self._hunt.loss
        self._losses.append(loss)
        better = loss > self._best_loss
        self._best_loss = loss.where(better, self._best_loss)
        self._best = _chosen(better, self._now, self._best)
        self._best_slope = _chosen(better, self._slope, self._best_slope)
        if self._done == self._next:
            self._check()

    def _move(self) -> None:
        ball, inertia = self._ball, self._now - self._before
        plain = ball.project(self._now + self._length.view(-1, 1, 1, 1) * ball.steepest(self._slope))
        share = _MOMENTUM if self._done else 1.0
        self._before = self._now
        self._now = ball.project(self._now + share * (plain - self._now) + (1 - share) * inertia)

    def _check(self) -> None:
        from torch import stack

        halve = stuck(stack(self._losses), self._checked_loss, self._best_loss, self._halved)
        self._length = (self._length / 2).where(halve, self._length)
        self._now = _chosen(halve, self._best, self._now)
        self._slope = _chosen(halve, self._best_slope, self._slope)
        self._halved, self._checked_loss = halve, self._best_loss
        self._losses = self._losses[-1:]
        self._next = next(self._checkpoints)


def checkpoints(steps: int) -> Iterator[int]:
    """Numbers of steps after which the step length is questioned, without end: every period is a little shorter."""
    period = max(int(_FIRST_CHECK * steps), 1)
    shorter, least = max(int(_NEARER * steps), 1), max(int(_LEAST * steps), 1)
    done = 0
    while True:
        done += period
        yield done
        period = max(period - shorter, least)


def stuck(losses: Tensor, checked: Tensor, best: Tensor, halved: Tensor) -> Tensor:
    """Which images get half the step, bool [B]: conditions 1 and 2 of the paper.

    Args:
        losses: [n + 1, B], from the last checkpoint to this one.
        checked: [B], best loss at the last checkpoint.
        best: [B], best loss now.
        halved: bool [B], whether the step was halved at the last checkpoint.
    """
    rises = (losses[1:] > losses[:-1]).sum(0)
    seldom = rises < _RISES * (len(losses) - 1)
    return seldom | (~halved & (checked >= best))


def _chosen(where: Tensor, yes: Tensor, no: Tensor) -> Tensor:
    return yes.where(where.view(-1, 1, 1, 1), no)
