"""A run's curves for TensorBoard: one event file in TensorBoard's own format, written by tensorboardX.

tensorboardX imports torch where torch is installed, so it is imported when a file is written and not before.
"""

from __future__ import annotations

import json
import math
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from engine.archive import watched_points
from engine.errors import NotApplicable
from engine.files import replacing
from engine.paths import told
from engine.store.store import RunStore
from engine.store.view import RunView

_SETTINGS = ("class_il", "task_il")
_VERSION = "brain.Event:2"  # what TensorBoard expects first in a file


@dataclass(frozen=True, slots=True)
class Scalar:
    """One point of one curve.

    Attributes:
        tag: the curve's name; TensorBoard groups by what is before the slash.
        value: a finite number.
        step: epochs of all tasks so far, or the task, from 1.
        time: unix time in seconds.
    """

    tag: str
    value: float
    step: int
    time: float


def write(store: RunStore, run: str, folder: Path) -> int:
    """Write a run's event file into `folder`, in place of one written before; returns how many points it has.

    Raises:
        UnknownRun: there is no such run.
        NotApplicable: it has no numbers yet.
        StoreError: the store cannot be read.
        BadParameter: the file cannot be written.
    """
    view = RunView(store, run)
    points = list(scalars(view))
    if not points:
        raise NotApplicable(f"run {run}", "it has no numbers yet", "Wait for its first epoch")
    path = folder / f"events.out.tfevents.{int(view.created)}.{run}"  # TensorBoard looks for this beginning
    with told(folder, "-o"):
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(path) as temporary:
            _write_events(temporary, view, points)
    return len(points)


def write_packed(store: RunStore, run: str, path: Path) -> None:
    """Write the folder with a run's event file as a zip. Raises as `write`."""
    with tempfile.TemporaryDirectory(prefix="plumage-") as made:
        write(store, run, Path(made))
        with (
            told(path, "-o"),
            replacing(path) as temporary,
            zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as out,
        ):
            for file in sorted(Path(made).iterdir()):
                out.write(file, file.name)


def scalars(view: RunView) -> Iterator[Scalar]:
    """Every point: losses and accuracies by epoch, everything measured after each task, and what was watched."""
    clock = _clock(view)
    watched = (Scalar(*point) for point in watched_points.points(view, clock))
    for point in [*_by_epoch(view, clock), *_by_task(view, clock), *watched]:
        if math.isfinite(point.value):
            yield point


def _clock(view: RunView) -> list[float]:
    """When each task began, and when the last one ended."""
    took = np.cumsum([0.0, *(row.seconds for row in view.timing)])  # active time: waiting while paused is left out
    return [view.created + float(seconds) for seconds in took]


def _by_epoch(view: RunView, clock: list[float]) -> Iterator[Scalar]:
    """One step an epoch of a phase, counted through all tasks.

    Args:
        clock: when each task began.
    """
    steps: dict[str, int] = {}
    for row in view.epochs():
        step = steps[row.phase] = steps.get(row.phase, 0) + 1
        values = {"loss": row.loss, "train_accuracy": row.train_accuracy, "val_accuracy": row.val_accuracy}
        for name, value in values.items():
            if value is not None:
                yield Scalar(f"{row.phase}/{name}", value, step, clock[row.task] + row.seconds)


def _by_task(view: RunView, clock: list[float]) -> Iterator[Scalar]:
    for split in view.splits:
        for setting in _SETTINGS:
            matrix = view.accuracy(split, setting)  # [T, T]
            for after, task in np.argwhere(~np.isnan(matrix)):
                tag = f"{split}_{setting}/task_{task + 1:02d}"
                yield Scalar(tag, float(matrix[after, task]), int(after) + 1, clock[after + 1])
            yield from _curve(f"{split}/{setting}_seen", view.accuracy_seen(split, setting), clock)
            yield from _curve(f"{split}/zero_shot_{setting}", view.zero_shot(split, setting), clock)
        yield from _curve(f"{split}/concept_auc", _diagonal(view.concept_matrix(split)), clock)
    yield from _curve("model/concepts_per_class", view.nec, clock)
    for row in view.timing:
        yield Scalar("cost/seconds", row.seconds, row.task + 1, clock[row.task + 1])
        yield Scalar("cost/peak_memory_mb", row.peak_memory_mb, row.task + 1, clock[row.task + 1])


def _curve(tag: str, values: Any, clock: list[float]) -> Iterator[Scalar]:
    """One value a finished task."""
    for task, value in enumerate(values[: len(clock) - 1]):
        yield Scalar(tag, float(value), task + 1, clock[task + 1])


def _diagonal(matrix: Any) -> Any:
    """Each task's own value when it is learnt."""
    return np.diag(matrix) if matrix.ndim == 2 else matrix


def _write_events(path: Path, view: RunView, points: list[Scalar]) -> None:
    from tensorboardX.proto.event_pb2 import Event
    from tensorboardX.record_writer import RecordWriter
    from tensorboardX.summary import image, scalar, text

    config = json.dumps(view.config.to_mapping(), indent=1, ensure_ascii=False)
    quoted = "\n".join(f"    {line}" for line in config.splitlines())  # as Markdown takes it literally
    writer = RecordWriter(str(path))
    try:
        for event in (
            Event(wall_time=view.created, file_version=_VERSION),
            Event(wall_time=view.created, step=0, summary=text("config", quoted)),
            *(Event(wall_time=p.time, step=p.step, summary=scalar(p.tag, p.value)) for p in points),
            *(
                Event(wall_time=p.time, step=p.step, summary=image(p.tag, p.picture, dataformats="HWC"))
                for p in watched_points.pictures(view, _clock(view))
            ),
        ):
            writer.write(event.SerializeToString())
        writer.flush()
    finally:
        writer.close()
