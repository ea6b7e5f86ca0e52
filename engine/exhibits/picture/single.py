"""Every single change of one bird, and which of them the model minds most."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from engine.data.aviary.attributes import ATTRIBUTES
from engine.data.aviary.bird import Bird
from engine.exhibits.picture.birds import BirdAnswer


def every_single(bird: Bird) -> list[Bird]:
    """The bird with one attribute changed, in every possible way."""
    return [
        replace(bird, values=(*bird.values[:a], code, *bird.values[a + 1 :]))
        for a, attribute in enumerate(ATTRIBUTES)
        for code in range(len(attribute.values))
        if code != bird.values[a]
    ]


def renamed(now: BirdAnswer, others: Sequence[BirdAnswer]) -> list[int]:
    """Which of the others get another name, the surest first."""
    flips = [i for i, other in enumerate(others) if other.predicted != now.predicted]
    return sorted(flips, key=lambda i: -others[i].sure)


def surest(now: BirdAnswer, others: Sequence[BirdAnswer]) -> BirdAnswer:
    """The one that is renamed most surely; where none is, the one that makes the name least likely."""
    found = renamed(now, others)
    if found:
        return others[found[0]]
    return min(others, key=lambda other: float(other.probabilities[now.predicted]))
