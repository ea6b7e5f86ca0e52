"""What varies in an experiment: parameters of runs, and the values each takes."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import BadParameter
from engine.session.comparison import ORDERS, SEEDS

MOST_VALUES = 1000
"""Values of one axis."""
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}(\.[a-z][a-z0-9_]{0,63})?", re.ASCII)
_DRAWN = "Axes of random and Bayesian search may be ranges, such as { low = 0.001, high = 0.1, log = true }"


@dataclass(frozen=True, slots=True)
class Range:
    """Values from which a search draws.

    Attributes:
        low, high: its ends, low below high.
        log: whether its logarithm is drawn evenly; both ends are above 0 then.
        whole: whether only whole numbers are drawn.
    """

    low: float
    high: float
    log: bool
    whole: bool

    def at(self, share: float) -> str:
        """The value at a share 0..1 of the way from the low end to the high one, as text."""
        if self.log:
            value = math.exp(math.log(self.low) + share * (math.log(self.high) - math.log(self.low)))
        elif self.whole:
            value = math.floor(self.low + share * (self.high - self.low + 1))
        else:
            value = self.low + share * (self.high - self.low)
        value = min(max(value, self.low), self.high)
        return str(round(value)) if self.whole else f"{value:.6g}"

    def to_mapping(self) -> dict[str, Any]:
        """Ready for JSON."""
        ends = (int(self.low), int(self.high)) if self.whole else (self.low, self.high)
        return {"low": ends[0], "high": ends[1], "log": self.log}


@dataclass(frozen=True, slots=True)
class ExperimentAxis:
    """Parameters that take the same value in a cell, and the values they take.

    Attributes:
        names: parameters of the run, its data or its method; `METHOD.NAME` is a setting of one method, and decides
            nothing where another learns.
        values: what they are set to, as on the command line; empty where they are drawn.
        range: from which they are drawn, or None.
    """

    names: tuple[str, ...]
    values: tuple[str, ...]
    range: Range | None = None

    @property
    def title(self) -> str:
        """As it is written in a file: `seed + world_seed`."""
        return " + ".join(self.names)

    @property
    def repeats(self) -> bool:
        """Whether it only repeats a setting, with other seeds or another order of classes."""
        return all(name in (*SEEDS, *ORDERS) for name in self.names)

    def to_value(self) -> Any:
        """What stands behind its title in a file."""
        return self.range.to_mapping() if self.range else list(self.values)


def axis(title: str, given: object) -> ExperimentAxis:
    """An axis as it is written: a title, and a list of values or a range.

    Raises:
        BadParameter: a name or value that cannot be one; what a value may be says the run that it is put into.
    """
    names = tuple(part.strip() for part in title.split("+"))
    for name in names:
        if not _NAME.fullmatch(name):
            raise _bad(title, f"{name!r} names no parameter", "Give a parameter, such as seed, or METHOD.PARAMETER")
    if len(set(names)) < len(names):
        raise _bad(title, "a parameter is named twice", "Name each once")
    if isinstance(given, Mapping):
        return ExperimentAxis(names, (), _range(title, given))
    if not isinstance(given, Sequence) or isinstance(given, str):
        raise _bad(title, "it takes a list of values", f"Write [1993, 7]. {_DRAWN}")
    values = tuple(_text(title, value) for value in given)
    if not 1 <= len(values) <= MOST_VALUES:
        raise _bad(title, f"it has {len(values):,} values; 1 to {MOST_VALUES:,} are allowed", "Give as many")
    if twice := [value for value in dict.fromkeys(values) if values.count(value) > 1]:
        raise _bad(title, f"{twice[0]!r} stands there twice", "Give each value once")
    return ExperimentAxis(names, values)


def _text(title: str, value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str | int | float) and (isinstance(value, str) or math.isfinite(value)):
        return str(value)
    raise _bad(title, f"{value!r} is no value of a parameter", "Give texts, numbers, true or false")


def _range(title: str, given: Mapping[str, object]) -> Range:
    if unknown := sorted(set(given) - {"low", "high", "log"}):
        raise _bad(title, f"a range has low, high and log, not {unknown[0]}", _DRAWN)
    low, high, log = given.get("low"), given.get("high"), given.get("log", False)
    numbers = [end for end in (low, high) if isinstance(end, int | float) and not isinstance(end, bool)]
    if len(numbers) < 2 or not all(map(math.isfinite, numbers)) or not numbers[0] < numbers[1]:
        raise _bad(title, "a range has two ends, low below high", _DRAWN)
    if not isinstance(log, bool) or (log and numbers[0] <= 0):
        raise _bad(title, "log is true or false, and with true both ends are above 0", _DRAWN)
    whole = all(isinstance(end, int) for end in numbers)
    return Range(float(numbers[0]), float(numbers[1]), log, whole)


def _bad(title: str, problem: str, remedy: str) -> BadParameter:
    return BadParameter(f"axis {title[:80]!r}", problem, remedy)
