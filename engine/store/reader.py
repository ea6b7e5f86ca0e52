"""The queries behind `RunView`: one run's stored results, decoded or reported as damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy.typing as npt

from engine.array_types import Floats
from engine.errors import BadInput, NotApplicable, StoreDamaged
from engine.records.arrays import unpack
from engine.records.events import Event, RunStarted, Watched, event_from_mapping
from engine.records.forms import Known, check
from engine.records.measurements import ALWAYS, OUTCOMES, forms
from engine.records.progress import EpochRow, TaskTiming, epoch_row
from engine.records.watched import beat_of, moment_of
from engine.store.seals import Value, read, whole
from engine.store.store import RunStore
from engine.structures import Malformed, checked, parse_json

Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class ConceptMetrics:
    """The K concepts after a task.

    Attributes:
        text, group: the words, and what they are about.
        born: the task that brought each.
        class_id: the class each was listed for, -1 for none.
        drift: [K], 1 - cos(row now, row when it was learnt), 0..2.
        alignment: [K], cos(row, text embedding), -1..1.
        accuracy, auc: [K] by split, 0..1; NaN where nobody knows the truth.
    """

    text: tuple[str, ...]
    group: tuple[str, ...]
    born: tuple[int, ...]
    class_id: tuple[int, ...]
    drift: Floats
    alignment: Floats
    accuracy: Mapping[str, Floats]
    auc: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of the N test images of a split that show classes seen, in the order of the tasks.

    Attributes:
        image: rows of the split, [N].
        label, predicted: positions in the order of learning, [N].
        probability: the model's own of what it predicted, 0..1, [N].
    """

    image: Array
    label: Array
    predicted: Array
    probability: Array


@dataclass(frozen=True, slots=True)
class Film:
    """What was watched of a run.

    Attributes:
        beats: in order.
        damaged: task and epoch of the beats that are not as they were written.
    """

    beats: tuple[Watched, ...]
    damaged: tuple[tuple[int, int], ...] = ()


class RunReader:
    """Reads one run's rows.

    Every method raises `StoreDamaged` where what is stored cannot be decoded.
    """

    def __init__(self, store: RunStore, run_id: str) -> None:
        self._store, self._run_id = store, run_id

    def setup(self, row: sqlite3.Row) -> RunStarted | None:
        """Classes, tasks and splits, or None until the worker has opened the data."""
        event = self._event(row["setup"]) if row["setup"] else None
        return event if isinstance(event, RunStarted) else None

    def metrics(self, split: str, name: str) -> dict[int, Array]:
        """One metric by finished task."""
        rows = self._rows("metrics", "AND split = ? AND name = ? ORDER BY task", split, name)
        found = {row["task"]: self._array(row["data"], split, name) for row in rows}
        if found and name in ALWAYS and [*found] != [*range(self._store.tasks_done(self._run_id))]:
            raise self._damaged(f"{name} on {split} images is missing for some of its tasks")
        return found

    def metric(self, task: int, split: str, name: str) -> Array:
        """One metric after a task.

        Raises:
            NotApplicable: the task is not finished, or the metric is not measured for this run.
        """
        rows = self._rows("metrics", "AND task = ? AND split = ? AND name = ?", task, split, name)
        if not rows:
            raise self.not_finished(task)
        return self._array(rows[0]["data"], split, name)

    def concepts(self, task: int, splits: Sequence[str]) -> ConceptMetrics:
        """The concepts after a task."""
        read = partial(self.metric, task)
        return ConceptMetrics(
            text=tuple(read("", "text").tolist()),
            group=tuple(read("", "group").tolist()),
            born=tuple(read("", "born").tolist()),
            class_id=tuple(read("", "class_id").tolist()),
            drift=read("", "drift"),
            alignment=read("", "alignment"),
            accuracy={split: read(split, "concept_accuracy") for split in splits},
            auc={split: read(split, "concept_auc") for split in splits},
        )

    def outcomes(self, task: int, split: str) -> Outcomes | None:
        """Outcomes of single test images, or None where they were not kept."""
        try:
            return Outcomes(*(self.metric(task, split, name) for name in OUTCOMES))
        except NotApplicable:
            self.metric(task, split, "confusion")  # raises where the task is not finished at all
            return None

    def epochs(self, since: int) -> list[EpochRow]:
        """Finished epochs after an event, in order."""
        rows = self._rows("events", "AND kind = 'EpochEnded' AND id > ? ORDER BY id", since)
        return [epoch_row(row["id"], self._json(row["body"])) for row in rows]

    def timing(self) -> list[TaskTiming]:
        """Time and memory of finished tasks."""
        rows = self._rows("tasks", "ORDER BY task")
        return [TaskTiming(row["task"], row["seconds"], row["peak_memory_mb"]) for row in rows]

    def latest_event(self) -> Event | None:
        """What happened last."""
        rows = self._rows("events", "ORDER BY id DESC LIMIT 1")
        return self._event(rows[0]["body"]) if rows else None

    def beats(self, setup: RunStarted, after: tuple[int, int] | None) -> Film:
        """What was watched, in order, after a beat (task and epoch); a damaged beat is named and left out."""
        found, lost = list[Watched](), list[tuple[int, int]]()
        with self._store.database.reading() as db:
            query = "SELECT * FROM beats WHERE run = ? ORDER BY task, epoch = 0, epoch"
            rows = db.execute(query, (self._run_id,)).fetchall() if db else []
        for row in rows:
            place = row["task"], row["epoch"]
            if after is not None and moment_of(*place) <= moment_of(*after):
                continue
            try:
                if not whole("beats", row):
                    raise ValueError
                found.append(beat_of(*place, row["seconds"], row["data"], setup))
            except ValueError:
                lost.append(place)
        return Film(tuple(found), tuple(lost))

    def beat_places(self) -> tuple[tuple[int, int], ...]:
        """Task and epoch of every beat that is kept, in order, whether it is damaged or not."""
        with self._store.database.reading() as db:
            query = "SELECT task, epoch FROM beats WHERE run = ? ORDER BY task, epoch = 0, epoch"
            rows = db.execute(query, (self._run_id,)).fetchall() if db else []
        return tuple((row["task"], row["epoch"]) for row in rows)

    def not_finished(self, task: int) -> NotApplicable:
        """The error for results of a task that has none."""
        return NotApplicable(
            f"task {task + 1} of run {self._run_id}", "it has no such results", "Choose a finished task"
        )

    def _rows(self, table: str, rest: str, *values: Value) -> list[sqlite3.Row]:
        """The run's rows of a table that are as they were written; raises where one is not."""
        with self._store.database.reading() as db:
            return read(db, table, f"WHERE run = ? {rest}", self._run_id, *values) if db else []

    def _array(self, data: bytes, split: str, name: str) -> Array:
        form = forms(split).get(name)
        try:
            array = unpack(data)
            if form is not None:  # another version may have measured more
                check({name: array}, {name: form}, Known())
            return array
        except ValueError as error:
            raise self._damaged(error) from error

    def _event(self, text: str) -> Event:
        try:
            return event_from_mapping(self._json(text))
        except BadInput as error:
            raise self._damaged(error) from error

    def _json(self, text: str) -> dict[str, Any]:
        try:
            values: dict[str, Any] = checked(dict[str, Any], parse_json(text, finite=False))
        except Malformed as error:
            raise self._damaged(error) from error
        return values

    def _damaged(self, error: Exception | str) -> StoreDamaged:
        return StoreDamaged(
            f"run {self._run_id}", f"its stored results cannot be read ({error})", "Delete this run and repeat it"
        )
