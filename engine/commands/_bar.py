"""Progress of a run on stderr: one moving line on a terminal, one plain line a task elsewhere."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TextIO

from engine.records.events import (
    EpochEnded,
    Event,
    FeaturesProgress,
    RunStarted,
    TaskEvaluated,
    TaskFinished,
    TaskStarted,
)
from engine.records.progress import ProgressRow, TaskTiming, estimate

_CELLS = 24
_REDRAW = 0.1  # seconds between two drawings of the moving line
_ERASE = "\r\x1b[K"


class Bar:
    """Draws the events of a run; call it with each.

    Args:
        stream: where to; stderr if not given.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._moving = self._stream.isatty()
        self._timing: list[TaskTiming] = []
        self._total: int | None = None
        self._first = 0
        self._drawn = 0.0
        self._evaluated: TaskEvaluated | None = None

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if isinstance(event, RunStarted):
            self._total = len(event.task_classes)
        elif isinstance(event, TaskEvaluated):
            self._evaluated = event
        elif isinstance(event, TaskFinished):
            self._timing.append(TaskTiming(event.task, event.seconds, event.peak_memory_mb))
            self._line(self._finished(event))
        elif isinstance(event, TaskStarted | FeaturesProgress | EpochEnded):
            self._move(event)

    def done_before(self, timing: list[TaskTiming]) -> None:
        """Say which tasks an earlier worker finished."""
        self._timing = list(timing)

    def close(self) -> None:
        """Leave the terminal tidy."""
        if self._moving:
            self._stream.write(_ERASE)
            self._stream.flush()

    def _finished(self, event: TaskFinished) -> str:
        text = f"task {event.task + 1}/{self._total}"
        if self._evaluated is not None:
            for split, named in self._evaluated.metrics.items():
                if "confusion" in named:
                    counts = named["confusion"]
                    text += f"  {split} {counts.trace() / counts.sum():.1%}"
        return f"{text}  {event.seconds:.1f} s  {event.peak_memory_mb:.0f} MB"

    def _line(self, text: str) -> None:
        self._stream.write(f"{_ERASE if self._moving else ''}{text}\n")
        self._stream.flush()

    def _move(self, event: Event) -> None:
        now = time.monotonic()
        if not self._moving or now - self._drawn < _REDRAW:
            return
        self._drawn = now
        text = moving_line(estimate(event, self._timing, self._total), self._total)
        self._stream.write(_ERASE + text[: shutil.get_terminal_size().columns - 1])
        self._stream.flush()


def moving_line(at: ProgressRow, total: int | None) -> str:
    """The moving line's text, for example `[######......] 41%  task 4/8 train 30/61  0:12 left`."""
    filled = round(at.fraction * _CELLS)
    left = f"  {clock(at.eta_seconds)} left" if at.eta_seconds is not None else ""
    where = f"task {at.task + 1}/{total or '?'} {at.phase} {at.epoch}/{at.epochs}"
    return f"[{'#' * filled}{'.' * (_CELLS - filled)}] {at.fraction:4.0%}  {where}{left}"


def clock(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any: `0:09`, `12:30`, `1:02:03`."""
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
