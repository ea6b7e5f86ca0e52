"""One measured figure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import mean, stdev


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with what it is and what it should be.

    Attributes:
        name: dotted, for example `"scale.seconds"`.
        value: the measurement, a mean over seeds where there are several.
        spread: standard deviation over seeds, or None for a single one.
        unit: of value and spread.
        target: what was aimed at, in words such as `"<= 300"`; empty if nothing was.
        met: whether the target is met, or None without a target.
        note: what must be said beside it, such as why there is no number; empty if nothing.
        seeds: of its own; empty: those that the bench was asked to repeat with.
    """

    name: str
    value: float
    spread: float | None
    unit: str
    target: str
    met: bool | None
    note: str = ""
    seeds: tuple[int, ...] = ()


def measured(
    name: str, values: Sequence[float], unit: str, least: float | None = None, most: float | None = None
) -> Figure:
    """A figure of several seeds, judged by its mean: at least `least`, at most `most`, or without a target."""
    found = float(mean(values))
    low, high = -math.inf if least is None else least, math.inf if most is None else most
    target = f">= {least:g}" if least is not None else f"<= {most:g}" if most is not None else ""
    spread = float(stdev(values)) if len(values) > 1 else None
    return Figure(name, found, spread, unit, target, low <= found <= high if target else None)


def of_seeds(figures: Iterable[Figure], seeds: Sequence[int]) -> Iterator[Figure]:
    """Figures of a part that has seeds of its own."""
    return (replace(figure, seeds=tuple(seeds)) for figure in figures)
