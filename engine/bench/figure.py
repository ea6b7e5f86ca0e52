"""One measured figure."""

from __future__ import annotations

from dataclasses import dataclass


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
    """

    name: str
    value: float
    spread: float | None
    unit: str
    target: str
    met: bool | None
