"""How accuracies, differences and losses are put into words: one wording, one unit and one rule wherever they stand.

A share is a percentage (`84 %`), a difference of shares is points (`17 points`), and an AUC is a number of two digits
(`0.93`), never a percentage: it counts pairs of pictures, and people take a percentage for the share that is right.
What was lost says when it was lost; who took the pictures is another question, answered by counts of pictures.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from engine.metrics.accuracy import TaskDrop

MINUS = "\N{MINUS SIGN}"
UNKNOWN = "not known"
_CERTAIN, _NIL, _COARSE = 0.995, 0.0005, 0.095
"""No model is written to be certain, nor to exclude a class; a probability below the last has a decimal."""
WORTH_SAYING = 0.01
"""A smaller loss than one point is not worth a headline."""
ALMOST_ALL = 0.9
"""A step that took this share of the whole loss is called the loss."""
PERCENT, POINTS, GAINED = "%", "points", "points, with sign"
UNITS: Mapping[str, tuple[str, str]] = {
    "last_accuracy": ("Last accuracy", PERCENT),
    "average_accuracy": ("Average accuracy", PERCENT),
    "forgetting": ("Forgetting", POINTS),
    "backward_transfer": ("Backward transfer", GAINED),
    "forward_transfer": ("Forward transfer", GAINED),
    "old_accuracy": ("Earlier classes", PERCENT),
    "new_accuracy": ("Newest classes", PERCENT),
    "ece": ("Calibration error (ECE)", POINTS),
}
"""Of every number of `RunView.summary`: what it is called, and the unit in which it is shown."""


def percent(share: float, digits: int = 0) -> str:
    """0.842 as `84 %`. What is not all is never rounded to all, and what is not nothing never to nothing."""
    number = round(100 * share, digits)
    if (number >= 100 and share < 1) or (number <= 0 and share > 0):
        digits = max(digits, 1)
    number, least = round(100 * share, digits), 10.0**-digits
    if share > 0 >= number:
        return f"under {least:.{digits}f} %"
    if share < 1 and number >= 100:
        return f"over {100 - least:.{digits}f} %"
    return f"{100 * share:.{digits}f} %".replace("-", MINUS)


def certainty(share: float) -> str:
    """A probability that a model gives, 0..1: `84 %`, `2.3 %`, and at the ends `over 99 %` and `under 0.1 %`."""
    if share > _CERTAIN:
        return "over 99 %"
    if share < _NIL:
        return "under 0.1 %"
    return percent(share, 0 if share >= _COARSE else 1)


def points(difference: float, digits: int | None = None) -> str:
    """The size of a difference of shares: 0.17 as `17 points`, 0.004 as `0.4 points`."""
    size = abs(100 * difference)
    number = hundredths(abs(difference)) if digits is None else f"{size:.{digits}f}"
    return f"{number} point{'' if number == '1' else 's'}"


def hundredths(difference: float) -> str:
    """A difference in points without the word: whole, or with a decimal where it is below one; its minus is true."""
    size = abs(100 * difference)
    number = f"{size:.0f}" if size >= 0.95 else f"{size:.1f}"
    return f"{MINUS}{number}" if difference < 0 and float(number) else number


def auc(value: float) -> str:
    """An AUC, 0..1, as `0.93`."""
    return f"{value:.2f}" if math.isfinite(value) else UNKNOWN


def in_unit(name: str, value: float | None) -> float:
    """A number of `UNITS` in its unit: 0.775 of an accuracy as 77.5; NaN where it is not known."""
    if name not in UNITS:
        raise KeyError(name)
    return math.nan if value is None else 100 * value


def shown(name: str, value: float | None) -> str:
    """A number of `UNITS` with its unit, to one decimal: `77.5 %`, `15.0 points`, `+1.2 points`."""
    if value is None or not math.isfinite(value):
        return UNKNOWN
    unit = UNITS[name][1]
    if unit == PERCENT:
        return percent(value, 1)
    text = f"{100 * value:{'+' if unit == GAINED else ''}.1f}"
    return f"{text.replace('-', MINUS)} points"


def column(name: str) -> str:
    """What a column or row of such numbers is headed: `Forgetting, points`."""
    words, unit = UNITS[name]
    return f"{words}, {PERCENT if unit == PERCENT else POINTS}"


def loss(found: TaskDrop | None, digits: int = 0) -> str:
    """What a task lost, and when: `Task 1 lost 31 points, 18 of them when task 4 was learnt`.

    Args:
        found: None before the second task.
    """
    if found is None:
        return "Nothing can be forgotten before the second task"
    if found.drop < WORTH_SAYING or found.worst_after is None:
        return "No task has lost a point"
    return f"Task {found.task + 1} lost {points(found.drop, digits)}{fell(found, digits)}"


def fell(found: TaskDrop, digits: int = 0) -> str:
    """When it was lost, as the end of a sentence; nothing where it was lost at no single task."""
    if found.worst_after is None:
        return ""
    when = f"when task {found.worst_after + 1} was learnt"
    if found.worst_step >= ALMOST_ALL * found.drop:
        return f", {when}"
    return f", {100 * found.worst_step:.{digits}f} of them {when}"
