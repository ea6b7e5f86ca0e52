"""One axis of a chart: where values lie on it, where it has ticks, and how these are called."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.array_types import Floats
from engine.metrics.wording import MINUS

_PAD = 0.05
"""Of the values' span that an axis without a range shows beyond them."""
_NICE = (1.0, 2.0, 5.0, 10.0)
"""A step between ticks is one of these times a power of ten."""

Spec = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Axis:
    """An axis.

    Attributes:
        spec: what Plotly's layout says of it.
        names: its categories in order; none where it has numbers.
        low, high: its ends, in units: numbers, their decimal logarithms, or places of categories. `low` may be above.
    """

    spec: Spec
    names: tuple[str, ...]
    low: float
    high: float

    @property
    def log(self) -> bool:
        """Whether it is logarithmic."""
        return self.spec.get("type") == "log"

    def units(self, values: Any) -> Floats:
        """Values in its units, [N]; NaN where there is none."""
        found = np.asarray([_unit(value, self.names) for value in listed(values)], np.float64)
        return np.asarray(np.log10(np.where(found > 0, found, np.nan)), np.float64) if self.log else found

    def share(self, units: Floats | float) -> Floats:
        """Where units lie on it, from 0 at `low` to 1 at `high`."""
        return np.asarray((np.asarray(units, np.float64) - self.low) / (self.high - self.low), np.float64)

    def ticks(self, length: float, room: float) -> list[tuple[float, str]]:
        """Its ticks within its ends: where each lies, 0..1, and its words.

        Args:
            length: of the axis, in pixels.
            room: that one tick needs, in pixels.
        """
        if self.spec.get("showticklabels") is False:
            return []
        found = [(float(self.share(unit)), words) for unit, words in self._all(max(2, int(length / room)))]
        return [(at, words) for at, words in found if -1e-6 <= at <= 1 + 1e-6]

    def _all(self, most: int) -> Iterable[tuple[float, str]]:
        values = self.spec.get("tickvals")
        if values is not None:
            words = self.spec.get("ticktext")
            told = [self._word(v, 0.0) for v in listed(values)] if words is None else [str(w) for w in listed(words)]
            return zip(self.units(values).tolist(), told, strict=False)
        if self.names:
            return enumerate(self.names)
        if self.log:
            return _decades(*sorted((self.low, self.high)))
        step = self.spec.get("dtick") or nice(abs(self.high - self.low) / min(most, self.spec.get("nticks") or most))
        first = self.spec.get("tick0") or 0.0
        low, high = sorted((self.low, self.high))
        numbers = range(math.ceil((low - first) / step - 1e-9), math.floor((high - first) / step + 1e-9) + 1)
        return [(first + k * step, self._word(first + k * step, step)) for k in numbers]

    def _word(self, value: Any, step: float) -> str:
        """A value as a tick calls it; `step` between two of them decides how many digits it has."""
        if isinstance(value, str):
            return value
        form = self.spec.get("tickformat")
        said = format(float(value), form) if form else _plain(float(value), step)
        return said.replace("-", MINUS)


def axis(spec: Spec, values: Sequence[Any], held: Iterable[float] = ()) -> Axis:
    """An axis that shows values.

    Args:
        values: all that lies on it, each of the traces' own.
        held: numbers that it shows in any case, such as 0 below bars.
    """
    every = [value for some in values for value in listed(some)]
    words = [value for value in every if isinstance(value, str)]
    names = tuple(dict.fromkeys(words)) if words else ()
    raw = spec.get("range")
    if raw is not None and None not in listed(raw):
        low, high = (_unit(end, names) for end in listed(raw))
        return Axis(spec, names, low, high)
    if names:
        low, high = -0.5, len(names) - 0.5
    else:
        low, high = _span(every, tuple(held), spec.get("type") == "log")
    return Axis(spec, names, *((high, low) if spec.get("autorange") == "reversed" else (low, high)))


def _span(values: Sequence[Any], held: Sequence[float], log: bool) -> tuple[float, float]:
    numbers = np.array([_unit(value, ()) for value in values] + list(held), np.float64)
    if log:
        numbers = np.log10(np.where(numbers > 0, numbers, np.nan))
    numbers = numbers[np.isfinite(numbers)]
    if not len(numbers):
        return 0.0, 1.0
    low, high = float(numbers.min()), float(numbers.max())
    pad = _PAD * (high - low) or 0.5
    return (low if low in held else low - pad), (high if high in held else high + pad)


def listed(values: Any) -> list[Any]:
    """Values of a trace as a list: nothing, an array or a sequence."""
    if values is None:
        return []
    return np.asarray(values).ravel().tolist() if isinstance(values, np.ndarray) else list(values)


def _unit(value: Any, names: Sequence[str]) -> float:
    if isinstance(value, str):
        return float(names.index(value)) if value in names else math.nan
    return math.nan if value is None else float(value)


def nice(step: float) -> float:
    """The smallest pleasant step that is no smaller."""
    if not math.isfinite(step) or step <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(step))
    return next(one * power for one in _NICE if one * power >= step * (1 - 1e-9))


def _decades(low: float, high: float) -> list[tuple[float, str]]:
    """Powers of ten, and twice and five times them where there are few."""
    powers = range(math.floor(low), math.ceil(high) + 1)
    times = (1, 2, 5) if high - low < 3 else (1,)
    return [(k + math.log10(t), _plain(t * 10.0**k, 0.0)) for k in powers for t in times]


def _plain(value: float, step: float) -> str:
    if not step:
        return f"{value:,.10g}"
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    digits += not math.isclose(step * 10**digits, round(step * 10**digits))
    return f"{value + 0.0:,.{digits}f}"
