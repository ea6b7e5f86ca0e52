"""Where a run is and how long it will take, from its latest event and the tasks behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.records.events import EpochEnded, Event, FeaturesProgress, HardeningProgress, TaskStarted

_SPANS: Mapping[str, tuple[float, float]] = {"features": (0.0, 0.4), "search": (0.4, 0.6), "train": (0.6, 1.0)}
"""Share of a task's time at which each phase begins and ends, used while no finished task tells better."""
_HARDENING = "hardening"
_SPANS_HARDENED: Mapping[str, tuple[float, float]] = {
    _HARDENING: (0.0, 0.8),
    "features": (0.8, 0.9),
    "search": (0.9, 0.94),
    "train": (0.94, 1.0),
}
"""The same for a run that hardens its backbone before each task."""
_ALMOST = 0.99  # a task is not done before it is done


@dataclass(frozen=True, slots=True)
class EpochRow:
    """One finished epoch, as stored; see `engine.records.events.EpochEnded`."""

    event_id: int
    task: int
    phase: str
    epoch: int
    epochs: int
    loss: float
    train_accuracy: float
    val_accuracy: float | None
    seconds: float


@dataclass(frozen=True, slots=True)
class TaskTiming:
    """What a finished task took: active seconds, and the worker's highest resident memory during it in MiB."""

    task: int
    seconds: float
    peak_memory_mb: float


@dataclass(frozen=True, slots=True)
class ProgressRow:
    """Where a run is.

    Attributes:
        task: current task, from 0.
        phase: `"start"`, `"hardening"` (epoch and epochs count steps), `"features"` (they count images), `"search"`,
            `"train"` or `"done"`.
        epoch, epochs: how far the phase is.
        fraction: share of the whole run, 0..1.
        eta_seconds: active time left, or None while nobody can tell.
    """

    task: int
    phase: str
    epoch: int
    epochs: int
    fraction: float
    eta_seconds: float | None


def epoch_row(event_id: int, values: Mapping[str, Any]) -> EpochRow:
    """The row of a stored `EpochEnded`."""
    return EpochRow(event_id=event_id, **{name: value for name, value in values.items() if name != "event"})


def estimate(
    event: Event | None, timing: Sequence[TaskTiming], tasks_total: int | None, hardens: bool = False
) -> ProgressRow:
    """Where a run is.

    Args:
        event: its latest `TaskStarted`, `FeaturesProgress`, `HardeningProgress` or `EpochEnded`.
        timing: its finished tasks.
        tasks_total: how many tasks it has, or None where not known yet.
        hardens: whether it hardens its backbone before each task.
    """
    done = len(timing)
    if tasks_total and done >= tasks_total:
        return ProgressRow(tasks_total - 1, "done", 1, 1, 1.0, 0.0)
    phase, epoch, epochs, seconds = _position(event, done, hardens)
    usual = _usual(timing)
    start, end = (_SPANS_HARDENED if hardens else _SPANS).get(phase, (0.0, 0.0))
    share = start + (end - start) * (epoch / epochs if epochs else 0.0)
    if usual and phase not in ("start", _HARDENING, "features"):
        share = seconds / usual
    share = min(share, _ALMOST)
    if not tasks_total:
        return ProgressRow(done, phase, epoch, epochs, 0.0, None)
    if usual is None and phase in (_HARDENING, "search", "train") and share:
        usual = seconds / share
    left = (tasks_total - done - share) * usual if usual is not None else None
    return ProgressRow(done, phase, epoch, epochs, (done + share) / tasks_total, left)


def _position(event: Event | None, done: int, hardens: bool) -> tuple[str, int, int, float]:
    """(phase, epoch, epochs, seconds since the task began) of the task at hand."""
    if isinstance(event, EpochEnded) and event.task == done:
        return event.phase, event.epoch, event.epochs, event.seconds
    if isinstance(event, HardeningProgress) and event.task == done:
        return _HARDENING, event.done, event.total, event.seconds
    if isinstance(event, FeaturesProgress) and event.task >= done:
        return "features", event.done, event.total, 0.0
    if isinstance(event, TaskStarted):
        return _HARDENING if hardens else "features", 0, 0, 0.0
    return "start", 0, 0, 0.0


def _usual(timing: Sequence[TaskTiming]) -> float | None:
    """Mean time of a task, without the first where there are others: it loads the model and opens the data."""
    typical = [task.seconds for task in timing[1:] or timing]
    return sum(typical) / len(typical) if typical else None
