"""A class's definition in words.

"A red-crowned hookbill because: hooked bill +2.1, red crown +1.8, NOT spotted breast -0.9".

Chosen is what sets the class apart: concept k speaks for class c by w_ck (m_ck - m_k), where m_ck is the concept's mean
score on the class's training images and m_k its mean over all classes, in units of the logit. Only what speaks for the
class is named: a concept the class has more of than others and is rewarded for, or one that it lacks and would be
punished for. The latter has a negative weight and reads NOT.

Printed is w_ck times the standard deviation of m_ck over the classes: by how much the class's logit moves when the
concept's score rises by as much as it usually differs between classes. Its sign is the weight's, so a number always
says what more of the concept would do. With a single class nothing differs, and the weight itself is printed and chosen
by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot


MINUS = "\N{MINUS SIGN}"
_LEAST = 0.05
"""A clause that would be printed as 0.0 says nothing."""


@dataclass(frozen=True, slots=True)
class Clause:
    """One reason in a definition.

    Attributes:
        concept: index in the bank.
        text: the concept's words, as they came; escape them.
        weight: w_ck.
        value: what is printed, in units of the logit (see above); has the weight's sign.
        negated: the weight is negative: the class is known by the concept's absence.
        gain: how strongly the concept speaks for the class against the mean of the classes; above 0.
    """

    concept: int
    text: str
    weight: float
    value: float
    negated: bool
    gain: float


def definition(snapshot: Snapshot, position: int, top: int = 4) -> list[Clause]:
    """What sets the class at `position` apart: the `top` strongest reasons, none that would be printed as 0.

    In the order of reading: what the class has before what it lacks, the largest number first.
    """
    weights = snapshot.head[position].double().numpy()  # [K]
    means = snapshot.classes.means.double() @ snapshot.bottleneck.double().T  # [C, K]
    gains, values = _strengths(weights, means.numpy(), position)
    texts = [concept.text for concept in snapshot.bank.concepts]
    order = np.argsort(-gains, kind="stable")[:top]
    found = [
        Clause(int(k), texts[k], float(weights[k]), float(values[k]), bool(weights[k] < 0), float(gains[k]))
        for k in order
        if gains[k] > 0 and abs(values[k]) >= _LEAST
    ]
    return sorted(found, key=lambda clause: (clause.negated, -abs(clause.value)))


def sentence(class_name: str, clauses: Sequence[Clause]) -> str:
    """The definition as one sentence, plain text: escape it."""
    name = an(class_name)
    whose = f"{name[:1].upper()}{name[1:]}"
    if not clauses:
        return f"{whose}: no concept sets it apart from the other classes"
    return f"{whose} because: {', '.join(phrase(clause) for clause in clauses)}"


def an(name: str) -> str:
    """A name with its article: `an owl`."""
    return f"{'an' if name[:1].lower() in tuple('aeiou') else 'a'} {name}"


def phrase(clause: Clause) -> str:
    """One reason: `hooked bill +2.1` or `NOT spotted breast -0.9`, with a true minus."""
    return f"{'NOT ' if clause.negated else ''}{clause.text} {signed(clause.value)}"


def signed(value: float, digits: int = 1) -> str:
    """A number with its sign and a true minus; zero has none."""
    text = f"{abs(value):.{digits}f}"
    if not float(text):
        return text
    return f"{'+' if value > 0 else MINUS}{text}"


def _strengths(weights: Floats, means: Floats, position: int) -> tuple[Floats, Floats]:
    """Gain and printed value of every concept, [K] each."""
    if len(means) == 1:
        return np.maximum(weights, 0.0), weights
    gains: Floats = weights * (means[position] - means.mean(0))
    return gains, weights * means.std(0)
