"""Progress of a longer piece of work on stderr: one moving line on a terminal, nothing elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from typing import TypeVar

from engine.commands._bar import clock
from engine.commands._words import printable
from engine.report.progress import ReportStep

_CELLS = 24
_ERASE = "\r\x1b[K"

Made = TypeVar("Made")


def shown(steps: Generator[ReportStep, None, Made]) -> Made:
    """Draw every step, then erase the line; what the generator returns."""
    began, moving, before = time.monotonic(), sys.stderr.isatty(), 0
    try:
        while True:
            step = next(steps)
            if step.done < before:  # another piece of work begins
                began = time.monotonic()
            before = step.done
            if moving:
                print(_ERASE + line(step, time.monotonic() - began), end="", file=sys.stderr, flush=True)
    except StopIteration as end:
        made: Made = end.value
        return made
    finally:
        steps.close()
        if moving:
            print(_ERASE, end="", file=sys.stderr, flush=True)


def line(step: ReportStep, seconds: float) -> str:
    """The moving line's text, for example `[######......] 41%  drawing the chapter tasks  0:05 left`."""
    filled = round(step.share * _CELLS)
    left = f"  {clock(seconds / step.share * (1 - step.share))} left" if step.share > 0 else ""
    return f"[{'#' * filled}{'.' * (_CELLS - filled)}] {step.share:4.0%}  {printable(step.word)}{left}"
