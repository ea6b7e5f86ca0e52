"""What a person does to the concepts of one image: a short list of acts, written compactly enough for an address.

    12p.40a.7z.9n.3=0.31      concept 12 is present, 40 absent, 7 set to zero, 9 negated, 3 set to 0.31

Concepts are named by their number in the bank, which stays theirs when later tasks add more. Acts keep their order; a
second act on a concept replaces the first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Bools, Floats
from engine.errors import BadInput
from engine.interventions.levels import Levels, said
from engine.interventions.propagation import Correlations, propagate
from engine.interventions.settling import Settling

PRESENT, ABSENT, ZERO, NEGATE, VALUE = "p", "a", "z", "n", "="
WORDS = {PRESENT: "present", ABSENT: "absent", ZERO: "set to zero", NEGATE: "negated", VALUE: "set to"}
MOST_SCORE = 1e3
"""No score may be set beyond this: far outside any observed range, and the logits stay finite."""
MOST_TEXT = 20_000
"""Characters of a written list: more than acts on every concept of a large bank."""
_ACT = re.compile(r"(\d{1,6})(?:([pazn])|=(-?\d{1,4}(?:\.\d{1,6})?))", re.ASCII)
_APART = "."
_DIGITS = 3  # decimals of a score in an address
_SHOWN = 2  # decimals of a score in words
_MOVED = 1e-9  # smaller changes are rounding


@dataclass(frozen=True, slots=True)
class Act:
    """One act.

    Attributes:
        concept: number in the bank.
        kind: `PRESENT`, `ABSENT`, `ZERO`, `NEGATE` or `VALUE`.
        value: the score, for `VALUE`.
    """

    concept: int
    kind: str
    value: float = 0.0


Acts = tuple[Act, ...]


@dataclass(frozen=True, slots=True)
class ImageOutcome:
    """One image before and after.

    Attributes:
        before, after: scores [K].
        acted: [K], concepts that were set.
        followed: [K], concepts that moved along.
    """

    before: Floats
    after: Floats
    acted: Bools
    followed: Bools


def written(acts: Iterable[Act]) -> str:
    """The acts as text; `parsed` reads it back."""
    return _APART.join(_one(act) for act in acts)


def parsed(text: str) -> Acts:
    """Read what `written` wrote.

    Raises:
        BadInput: it is no such text.
    """
    found: Acts = ()
    rest = text if len(text) <= MOST_TEXT else "?"
    while rest:
        match = _ACT.match(rest)
        value = float(match[3]) if match and match[3] else 0.0
        if not match or rest[match.end() : match.end() + 1] not in ("", _APART) or abs(value) > MOST_SCORE:
            raise BadInput(
                f"interventions {text[:60]!r}", "they are not as Plumage writes them", "Set the concepts again"
            )
        found = added(found, Act(int(match[1]), match[2] or VALUE, value))
        rest = rest[match.end() + 1 :]
    return found


def added(acts: Acts, *new: Act) -> Acts:
    """The list with new acts at its end; what was done to their concepts before is replaced."""
    named = {act.concept for act in new}
    return (*(act for act in acts if act.concept not in named), *new)


def without(acts: Acts, concepts: Iterable[int]) -> Acts:
    """The list with some concepts left as they are."""
    dropped = set(concepts)
    return tuple(act for act in acts if act.concept not in dropped)


def known_to(acts: Acts, size: int) -> Acts:
    """The acts on concepts that a bank of this size has."""
    return tuple(act for act in acts if act.concept < size)


def outcome(acts: Acts, scores: Floats, scale: Levels, follow: Correlations | Settling | None) -> ImageOutcome:
    """Carry the acts out on an image's scores [K].

    Args:
        acts: on concepts of this bank only (see `known_to`).
        follow: how other concepts move along, or None where they stay.
    """
    acted, targets = np.zeros(len(scores), np.bool_), scores.copy()
    there, gone = (said(scale, scores, np.full(len(scores), answer)) for answer in (True, False))
    for act in acts:
        acted[act.concept] = True
        targets[act.concept] = {
            PRESENT: there[act.concept],
            ABSENT: gone[act.concept],
            ZERO: 0.0,
            NEGATE: -scores[act.concept],
            VALUE: act.value,
        }[act.kind]
    after = targets if follow is None else propagate(follow, scores, acted, targets)
    return ImageOutcome(scores, after, acted, ~acted & (np.abs(after - scores) > _MOVED))


def log(acts: Acts, names: Sequence[str], found: ImageOutcome) -> list[str]:
    """One line for each act that moved a score, in order, and one for all that did not; not escaped."""
    lines, idle = [], []
    for act in acts:
        was, now = found.before[act.concept], found.after[act.concept]
        told = f"{names[act.concept]} {WORDS[act.kind]}"
        if was == now:
            idle.append(told)
        elif act.kind == VALUE:
            lines.append(f"{told} {_number(now)}, was {_number(was)}")
        else:
            lines.append(f"{told}: {_number(was)} → {_number(now)}")
    return [*lines, f"Nothing new to the model: {', '.join(idle)}"] if idle else lines


def _one(act: Act) -> str:
    if act.kind != VALUE:
        return f"{act.concept}{act.kind}"
    bounded = min(max(act.value, -MOST_SCORE), MOST_SCORE) if math.isfinite(act.value) else 0.0
    return f"{act.concept}={bounded:.{_DIGITS}f}"


def _number(value: float) -> str:
    near_zero = abs(value) < 0.5 * 10**-_SHOWN
    return f"{0:.{_SHOWN}f}" if near_zero else f"{value:+.{_SHOWN}f}".replace("-", "\N{MINUS SIGN}")
