"""The smallest strength at which an attack succeeds on each image, by bisection."""

from __future__ import annotations

import math
from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

import torch

from engine.attacks.base import Attacked
from engine.params import parameters_of
from engine.steps import told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from torch import Tensor

    from engine.attacks.base import Attack, Look
    from engine.attacks.objectives import Objective
    from engine.attacks.victim import Victim

ROUNDS = 6
"""Halvings of the interval: the strength is found to 1/64 of the limit."""


@dataclass(frozen=True, slots=True)
class Search:
    """A bisection in progress; one is yielded at every step of every attack in it.

    Attributes:
        round, rounds: attacks that every image has behind it, and how many there will be at most.
        eps: strength being tried, in 255ths.
        step, steps: of the attack at that strength.
        found: [B], smallest strength known so far, in 255ths; infinite where none is.
    """

    round: int
    rounds: int
    eps: float
    step: int
    steps: int
    found: Tensor


@dataclass(frozen=True, slots=True)
class Smallest:
    """What a bisection found.

    Attributes:
        eps: [B], smallest strength that succeeded, in 255ths: 0 where the clean image is already won, infinite where
            the attack fails even at the limit. An upper bound: a better attack may need less.
        images: [B, 3, S, S], won at that strength; the attacked image at the limit where none was.
    """

    eps: Tensor
    images: Tensor


Searching = Generator[Search, None, Smallest]


def smallest(
    attack: Attack, victim: Victim, images: Tensor, objective: Objective, seed: int, rounds: int = ROUNDS
) -> Searching:
    """Bisect the strength of every image between 0 and the attack's own, its limit.

    First the attack runs at the limit, then `rounds` times at the middle of each image's interval. Images that stand
    at the same strength are attacked together. Success is taken to be monotone in the strength, as it is but for the
    attack's luck. Strengths below the least that the attack allows are not tried.

    Args:
        attack: any that has `eps`; its own is the limit.
        seed: as of `Attack.run`; the result of an image does not depend on the others.

    Raises:
        BadInput, NotApplicable: as the attack does.
    """
    (declared,) = (parameter for parameter in parameters_of(type(attack)) if parameter.name == "eps")
    limit, least = float(attack.to_mapping()["eps"]), declared.low or 0.0
    unknown = [math.inf] * len(images)
    first = yield from _tried(attack, victim, images, objective, seed, _Round(0, rounds, limit, unknown))
    best = first.images
    everyone = torch.arange(len(images), device=images.device)
    at_once = objective.of(everyone).won(victim.unwatched().says(images)).tolist()
    low = [0.0] * len(images)
    high = [
        0.0 if clean else limit if won else math.inf for clean, won in zip(at_once, first.won.tolist(), strict=True)
    ]
    for number in range(1, rounds + 1):
        for middle, rows in _groups(low, high, least):
            place = torch.tensor(rows, device=images.device)
            now = replace(cast(Any, attack), eps=middle)
            stage = _Round(number, rounds, middle, list(high))
            tried = yield from _tried(now, victim, images[place], objective.of(place), seed, stage)
            for row, won in zip(rows, tried.won.tolist(), strict=True):
                (high if won else low)[row] = middle
            best = best.index_copy(0, place[tried.won], tried.images[tried.won])
    return Smallest(torch.tensor(high, dtype=torch.float64), best)


@dataclass(frozen=True, slots=True)
class _Round:
    number: int
    rounds: int
    eps: float
    found: list[float]


def _tried(
    attack: Attack, victim: Victim, images: Tensor, objective: Objective, seed: int, stage: _Round
) -> Generator[Search, None, Attacked]:
    """One attack; closing this closes it."""

    def search(look: Look) -> Search:
        found = torch.tensor(stage.found, dtype=torch.float64)
        return Search(stage.number, stage.rounds, stage.eps, look.step, look.steps, found)

    return (yield from told(attack.run(victim, images, objective, seed), search))


def _groups(low: list[float], high: list[float], least: float) -> Iterator[tuple[float, list[int]]]:
    """Strengths to try next, each with the images that stand there; images at 0 or infinity are done."""
    groups: dict[float, list[int]] = {}
    for row, (under, over) in enumerate(zip(low, high, strict=True)):
        middle = (under + over) / 2
        if least <= middle < math.inf:
            groups.setdefault(middle, []).append(row)
    yield from sorted(groups.items())
