"""Counterfactual pairs: two pictures one attribute apart that the model tells apart, or fails to.

What makes a pair worth looking at differs. Of those it tells apart, the ones where it was sure both times. Of those it
does not, the ones where it should have: the change makes the very name it gives false (a "blue-crowned hookbill" whose
crown is no longer blue), and the change is plain to see.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from engine.array_types import Bools, Ints
from engine.data.aviary.attributes import ATTRIBUTES
from engine.data.aviary.phrases import NOUN_WORDS
from engine.explain.effects import Edits

VISIBLE = 0.004
"""Share of the picture that has to change before a model can be blamed for not noticing: a bill's worth."""
_PARTS = {"crown": "crowned", "back": "backed", "wing": "winged", "breast": "breasted"}
_ADJECTIVES = ("face", "crest")


def told_apart(edits: Edits) -> Ints:
    """Indices of the edits that change the prediction of a bird it had right, the surest on both sides first."""
    found = np.flatnonzero(edits.flipped & (edits.before == edits.label))
    sure = np.minimum(edits.sure_before[found], edits.sure_after[found])
    return found[np.argsort(-sure, kind="stable")]


def not_told_apart(edits: Edits, names: Sequence[str]) -> Ints:
    """Indices of visible edits that leave the prediction as it was: first those that make its name false, then the
    surest.

    Args:
        names: of the classes, by position.
    """
    found = np.flatnonzero(~edits.flipped & (edits.visible >= VISIBLE))
    false = falsified(edits.where(found), names)
    return found[np.lexsort((-edits.sure_after[found], ~false))]


def falsified(edits: Edits, names: Sequence[str]) -> Bools:
    """Whether an edit changes what the predicted species' very name says, [E]."""
    told = [
        names_it(ATTRIBUTES[a].name, ATTRIBUTES[a].values[old], names[position])
        for a, old, position in zip(edits.attribute, edits.old, edits.after, strict=True)
    ]
    return np.array(told, np.bool_)


def names_it(attribute: str, value: str, name: str) -> bool:
    """Whether a field-guide name tells this value: "blue-crowned hookbill" tells a blue crown and a hooked bill."""
    noun = NOUN_WORDS.get((attribute, value))
    words = name.split()
    return (
        (attribute in _PARTS and f"{value}-{_PARTS[attribute]}" in words)
        or (noun is not None and noun in words)
        or (attribute in _ADJECTIVES and value in words)
    )
