"""How the command line words runs and numbers."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence

from engine.metrics import wording

UNKNOWN = "-"


def percent(value: float | None) -> str:
    """A share 0..1 as a percentage."""
    return UNKNOWN if value is None or math.isnan(value) else wording.percent(value, 1)


def summary(name: str, value: float | None) -> str:
    """A number of `engine.metrics.wording.UNITS`."""
    return UNKNOWN if value is None or math.isnan(value) else wording.shown(name, value)


def date(unix: float) -> str:
    """Local date and time to the minute."""
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(unix))


def printable(text: str) -> str:
    """Text from users without characters that could move a terminal's cursor."""
    return "".join(c if c.isprintable() else "?" for c in text)


def table(rows: Sequence[Sequence[str]]) -> str:
    """Columns of equal width; the first row is the heading."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows)
