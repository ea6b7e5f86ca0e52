"""What attributes, their values and changes of them are called."""

from __future__ import annotations

import numpy as np

from engine.data.aviary.attributes import ATTRIBUTES
from engine.data.aviary.phrases import phrase

Codes = tuple[int, ...]


def title_of(attribute: int) -> str:
    """An attribute's name for people: `breast pattern`."""
    return ATTRIBUTES[attribute].name.replace("_", " ")


def worded(attribute: int, code: int) -> str:
    """One value in words: `red crown`."""
    found = ATTRIBUTES[attribute]
    return phrase(found.name, found.values[code])


def differing(one: Codes, other: Codes) -> list[int]:
    """Indices of the attributes in which two birds differ."""
    return [i for i, (a, b) in enumerate(zip(one, other, strict=True)) if a != b]


def told(before: Codes, after: Codes) -> str:
    """A change in words: `red crown → blue crown`."""
    parts = [f"{worded(i, before[i])} → {worded(i, after[i])}" for i in differing(before, after)]
    return ", ".join(parts) if len(parts) < 3 else "everything back as it was"


NAMES = tuple(title_of(i) for i in range(len(ATTRIBUTES)))
"""The attributes for people."""
VALUES = tuple(worded(a, v) for a, attribute in enumerate(ATTRIBUTES) for v in range(len(attribute.values)))
"""Every value of every attribute in words, in the order of the truth's columns."""
STARTS = np.cumsum([0, *(len(attribute.values) for attribute in ATTRIBUTES)])
"""Column at which each attribute's values begin, and the end."""
