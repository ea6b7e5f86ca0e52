"""How findings word numbers, counts and lists."""

from __future__ import annotations

from collections.abc import Sequence

from engine.figures.telling import in_words
from engine.findings.base import Finding
from engine.metrics.differences import Interval
from engine.metrics.wording import hundredths
from engine.metrics.wording import percent as percent
from engine.metrics.wording import points as points

_ONE_DIGIT = 9.95
"""Below so many points a number shown by itself keeps one decimal."""


def counted(number: int | str, noun: str) -> str:
    """A number and its noun, in the plural unless it is 1."""
    return f"{number} {noun}" if str(number) == "1" else f"{number} {_plural(noun)}"


def spelt(number: int, noun: str) -> str:
    """As `counted`, with small numbers as words: `two classes`."""
    return f"{in_words(number)} {noun if number == 1 else _plural(noun)}"


def listed(names: Sequence[object]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    words = [str(name) for name in names]
    return " and ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def capital(text: str) -> str:
    """With a capital at its beginning."""
    return text[:1].upper() + text[1:]


def span(interval: Interval) -> str:
    """The ends of a difference's interval: `4 to 16 points`, of a clear fall without its sign; `−2 to 3 points`."""
    low, high = (interval.low, interval.high) if interval.high > 0 else (-interval.high, -interval.low)
    return f"{hundredths(low)} to {hundredths(high)} points"


def shares(low: float, high: float) -> str:
    """The ends of a share's interval: `86 to 93 %`."""
    return f"{round(100 * low)} to {round(100 * high)} %"


def number(finding: Finding) -> tuple[str, str]:
    """The finding's number as it is shown large, and its unit in words."""
    if finding.unit == "share":
        return percent(finding.value), ""
    if finding.unit == "points":
        small = finding.value < _ONE_DIGIT and round(finding.value, 6) % 1 > 0
        text, _, unit = points(finding.value / 100, 1 if small else None).partition(" ")
        return text, unit
    text, _, unit = counted(round(finding.value), finding.unit.removesuffix("s")).partition(" ")
    return text, unit


def _plural(noun: str) -> str:
    if noun.endswith("y"):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if noun.endswith("s") else f"{noun}s"
