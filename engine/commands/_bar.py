"""Progress of a run on stderr: one moving line on a terminal, one plain line a task elsewhere."""

from __future__ import annotations

import sys
from typing import TextIO

from tqdm import tqdm  # type: ignore[import-untyped]

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

LOOK = {"leave": False, "disable": None, "dynamic_ncols": True, "miniters": 0, "ascii": ".#"}
"""Of every moving line: it is gone at the end, and nowhere but on a terminal."""


class Bar:
    """Draws the events of a run; call it with each.

    Args:
        stream: where to; stderr if not given.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        form = "[{bar:24}] {percentage:3.0f} %  {desc}"
        self._bar = tqdm(total=1.0, file=self._stream, bar_format=form, **LOOK)
        self._timing: list[TaskTiming] = []
        self._total: int | None = None
        self._evaluated: TaskEvaluated | None = None

    def __call__(self, event: Event) -> None:
        """Show an event."""
        if isinstance(event, RunStarted):
            self._total = len(event.task_classes)
        elif isinstance(event, TaskEvaluated):
            self._evaluated = event
        elif isinstance(event, TaskFinished):
            self._timing.append(TaskTiming(event.task, event.seconds, event.peak_memory_mb))
            tqdm.write(self._finished(event), self._stream)
        elif isinstance(event, TaskStarted | FeaturesProgress | EpochEnded):
            at = estimate(event, self._timing, self._total)
            self._bar.set_description_str(where(at, self._total), refresh=False)
            self._bar.update(at.fraction - self._bar.n)

    def done_before(self, timing: list[TaskTiming]) -> None:
        """Say which tasks an earlier worker finished."""
        self._timing = list(timing)

    def close(self) -> None:
        """Leave the terminal tidy."""
        self._bar.close()

    def _finished(self, event: TaskFinished) -> str:
        text = f"task {event.task + 1}/{self._total}"
        if self._evaluated is not None:
            for split, named in self._evaluated.metrics.items():
                if "confusion" in named:
                    counts = named["confusion"]
                    text += f"  {split} {counts.trace() / counts.sum():.1%}"
        return f"{text}  {event.seconds:.1f} s  {event.peak_memory_mb:.0f} MB"


def where(at: ProgressRow, total: int | None) -> str:
    """What the moving line says, for example `task 4/8 train 30/61  0:12 left`."""
    left = f"  {clock(at.eta_seconds)} left" if at.eta_seconds is not None else ""
    return f"task {at.task + 1}/{total or '?'} {at.phase} {at.epoch}/{at.epochs}{left}"


def clock(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any: `0:09`, `12:30`, `1:02:03`."""
    minutes, rest = divmod(round(max(0.0, seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
