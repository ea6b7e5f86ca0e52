"""A bird as data: one code per attribute, and one seed for everything that is not an attribute."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from engine.data.aviary.attributes import ATTRIBUTES, INDEX
from engine.errors import BadParameter


@dataclass(frozen=True, slots=True)
class Bird:
    """One individual, ready to be drawn at any size.

    Attributes:
        values: the code of every attribute, in the order of `ATTRIBUTES`; `values[i]` indexes `ATTRIBUTES[i].values`.
        seed: decides pose, scale, tilt, flip, light, noise, perch, scenery and leaves; not negative.

    Raises:
        BadParameter: a code is out of range, the number of codes is wrong, or the seed is negative.
    """

    values: tuple[int, ...]
    seed: int

    def __post_init__(self) -> None:
        if len(self.values) != len(ATTRIBUTES):
            raise BadParameter(
                f"values with {len(self.values)} codes",
                f"a bird has exactly {len(ATTRIBUTES)} attributes",
                "Give one code per attribute, in the order of ATTRIBUTES",
            )
        for attribute, code in zip(ATTRIBUTES, self.values, strict=True):
            if not 0 <= code < len(attribute.values):
                raise BadParameter(
                    f"values: {attribute.name} = {code}",
                    f"a code of {attribute.name} lies between 0 and {len(attribute.values) - 1}",
                    "Use the index of one of its values",
                )
        if self.seed < 0:
            raise BadParameter(f"seed = {self.seed}", "a bird's seed is 0 or more", "Give a non-negative whole number")

    def value(self, attribute: str) -> str:
        """The bird's value of `attribute` in words, for example `"hooked"`."""
        position = position_of(attribute)
        return ATTRIBUTES[position].values[self.values[position]]


def position_of(attribute: str) -> int:
    """Index of the attribute named `attribute` in `ATTRIBUTES`.

    Raises:
        BadParameter: no attribute has this name.
    """
    if attribute not in INDEX:
        raise BadParameter(
            f"attribute = {attribute!r}", f"known attributes are {', '.join(INDEX)}", "Choose one of them"
        )
    return INDEX[attribute]


def edit(bird: Bird, attribute: str, value: str) -> Bird:
    """The same bird with one attribute changed; pose, light, noise and leaves stay as they are.

    Raises:
        BadParameter: the attribute is unknown, or has no such value.
    """
    position = position_of(attribute)
    allowed = ATTRIBUTES[position].values
    if value not in allowed:
        raise BadParameter(
            f"{attribute} = {value!r}", f"{attribute} may be {', '.join(allowed)}", "Choose one of these values"
        )
    values = (*bird.values[:position], allowed.index(value), *bird.values[position + 1 :])
    return replace(bird, values=values)


def random_values(rng: np.random.Generator) -> tuple[int, ...]:
    """One code per attribute, each uniform over its values and independent of the others."""
    return tuple(int(code) for code in rng.integers(0, [len(attribute.values) for attribute in ATTRIBUTES]))
