"""What pages and the command line see of a run: read-only, lazy, and without torch unless a snapshot is asked for."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from engine.array_types import Floats, Ints
from engine.data.dataset import RepeatedImages
from engine.home import log_path
from engine.metrics import accuracy as measures
from engine.metrics.calibration import Reliability, unpacked
from engine.metrics.confusion import confusion_across_tasks
from engine.records.events import RunStarted
from engine.records.measurements import NEAREST, PARAMETERS, STORED, VALIDATION
from engine.records.progress import EpochRow, ProgressRow, TaskTiming, estimate
from engine.runs.config import RunConfig
from engine.runs.task_backbones import changes_backbone
from engine.runs.watch import WatchList
from engine.store.jobs import Job
from engine.store.marks import Mark, PictureMarks
from engine.store.reader import ConceptMetrics, Film, Outcomes, RunReader
from engine.store.states import LIVE
from engine.store.store import RunStore
from engine.store.summary import stored_config
from engine.store.watching import Watching

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot


class RunView:
    """One run. Keeps nothing open, and but for the layout of the tasks every property reads the store when asked.

    Raises:
        UnknownRun: there is no such run.
    """

    def __init__(self, store: RunStore, run_id: str) -> None:
        self.id = run_id
        self._store = store
        self._read = RunReader(store, run_id)
        self._layout: RunStarted | None = None
        store.row(run_id)

    # -- what it is ----------------------------------------------------------------------------------------------------

    @property
    def name(self) -> str:
        """What its owner calls it; any text, so escape it."""
        return str(self._row["name"])

    @property
    def config(self) -> RunConfig:
        """What was asked for."""
        return stored_config(self._row)

    @property
    def status(self) -> str:
        """One of `engine.store.states`."""
        return self.training.status

    @property
    def training(self) -> Job:
        """The job that trains it, or did."""
        return self._store.training(self.id)

    @property
    def active(self) -> bool:
        """Whether a worker has it."""
        return self.status in LIVE

    @property
    def wanted(self) -> str:
        """What was asked for last: run, pause, step or stop; it takes effect at the next epoch."""
        return self.training.wanted

    @property
    def error(self) -> str | None:
        """Why it failed, for people, or None."""
        return self.training.error

    @property
    def created(self) -> float:
        """Unix time in seconds."""
        return float(self._row["created"])

    @property
    def machine(self) -> str:
        """The machine it was started on, in words."""
        return str(self._row["machine"])

    @property
    def parent(self) -> str | None:
        """The run it was forked from, or None."""
        parent: str | None = self._row["parent"]
        return parent

    @property
    def parent_task(self) -> int | None:
        """The last task it shares with its parent, or None."""
        task: int | None = self._row["parent_task"]
        return task

    @property
    def log_path(self) -> Path:
        """Where its worker's output goes."""
        return log_path(self._store.home, self.training.id)

    # -- classes and tasks ---------------------------------------------------------------------------------------------

    @property
    def setup(self) -> RunStarted | None:
        """What it learns from, with the digests of its inputs; None until the worker has opened the data."""
        if self._layout is None:  # written once, when the worker has opened the data
            self._layout = self._read.setup(self._row)
        return self._layout

    @property
    def class_names(self) -> tuple[str, ...]:
        """All classes in the dataset's order; empty until the worker has opened the data."""
        setup = self.setup
        return setup.class_names if setup else ()

    @property
    def task_classes(self) -> list[tuple[int, ...]]:
        """Dataset indices of the classes of each task; empty until the worker has opened the data."""
        setup = self.setup
        return list(setup.task_classes) if setup else []

    def class_ids_seen(self, after_task: int) -> tuple[int, ...]:
        """Dataset indices of the classes learnt up to a task, in the order of learning."""
        return tuple(c for classes in self.task_classes[: after_task + 1] for c in classes)

    @property
    def tasks_total(self) -> int | None:
        """How many tasks there are, or None until that is known."""
        total: int | None = self._row["tasks_total"]
        return total

    @property
    def tasks_done(self) -> int:
        """How many tasks are finished."""
        return self._store.tasks_done(self.id)

    @property
    def splits(self) -> tuple[str, ...]:
        """Evaluation splits, `"test"` first."""
        setup = self.setup
        return setup.splits if setup else ("test",)

    def test_sizes(self, split: str = "test") -> Ints:
        """Test images of each task, [T]."""
        setup = self.setup
        return np.array(setup.test_sizes[split] if setup else (), np.int64)

    @property
    def repeated(self) -> RepeatedImages | None:
        """How many test images stand among the training images; None until counted, and for runs of older versions."""
        setup = self.setup
        return RepeatedImages(**setup.repeated) if setup and setup.repeated else None

    # -- accuracy ------------------------------------------------------------------------------------------------------

    def accuracy(self, split: str = "test", setting: str = "class_il") -> Floats:
        """The accuracy matrix [T, T]: entry [t, k] is the accuracy, 0..1, on task k after task t; NaN where unknown.

        Args:
            setting: `"class_il"` (choice among all classes seen) or `"task_il"` (among the task's own).
        """
        rows = self._read.metrics(split, setting)
        total = len(self.task_classes)
        return measures.accuracy_matrix([rows[t] for t in sorted(rows)], total)

    def accuracy_seen(self, split: str = "test", setting: str = "class_il") -> Floats:
        """Accuracy on all classes seen after each task, [T]; NaN where unknown."""
        known = measures.accuracy_over_seen(self.accuracy(split, setting), self.test_sizes(split))
        return np.pad(known, (0, len(self.task_classes) - len(known)), constant_values=math.nan)

    def zero_shot(self, split: str = "test", setting: str = "class_il") -> Floats:
        """Accuracy of zero-shot CLIP on each task when it is learnt, [T]; NaN where unknown."""
        return self._scalars(split, f"zero_shot_{setting}")

    def summary(self, split: str = "test", setting: str = "class_il") -> dict[str, float | None]:
        """The usual numbers after the last finished task; None where one is not defined yet."""
        matrix, sizes = self.accuracy(split, setting), self.test_sizes(split)
        old, new = measures.old_and_new(matrix, sizes)
        values = {
            "last_accuracy": measures.last_accuracy(matrix, sizes),
            "average_accuracy": measures.average_incremental_accuracy(matrix, sizes),
            "forgetting": measures.forgetting(matrix),
            "backward_transfer": measures.backward_transfer(matrix),
            "forward_transfer": self._forward_transfer(split),
            "old_accuracy": old[-1] if len(old) else math.nan,
            "new_accuracy": new[-1] if len(new) else math.nan,
            "ece": _last_known(self._scalars(split, "ece")),
        }
        return {name: None if math.isnan(value) else float(value) for name, value in values.items()}

    def confusion(self, after_task: int, split: str = "test") -> Ints:
        """Counts [C_seen, C_seen]: rows are true, columns predicted classes, in the order of `class_ids_seen`.

        Raises:
            NotApplicable: the task is not finished.
        """
        return np.asarray(self._read.metric(after_task, split, "confusion"), np.int64)

    def confusion_tasks(self, after_task: int, split: str = "test") -> Ints:
        """Counts [t+1, t+1]: task an image belongs to against task it was taken for."""
        owners = np.repeat(np.arange(after_task + 1), [len(ids) for ids in self.task_classes[: after_task + 1]])
        return confusion_across_tasks(self.confusion(after_task, split), owners)

    def reliability(self, after_task: int, split: str = "test") -> Reliability | None:
        """Confidence against accuracy in bins, choosing among all classes seen; None for a run of an older version,
        which kept only the mean of the gaps."""
        kept = self._read.metrics(split, "reliability")
        return unpacked(kept[after_task]) if after_task in kept else None

    def outcomes(self, after_task: int, split: str = "test") -> Outcomes | None:
        """What became of each test image, or None where an older Plumage did not keep it.

        Raises:
            NotApplicable: the task is not finished.
        """
        return self._read.outcomes(after_task, split)

    @property
    def nearest(self) -> Mapping[int, int]:
        """For each class learnt so far the training picture that stands for it, as a row of the training split: the
        nearest to the class's mean when it was learnt. Empty in runs of an older Plumage, which kept none."""
        kept, tasks = self._read.metrics("", NEAREST), self.task_classes
        return {c: int(row) for task, rows in kept.items() for c, row in zip(tasks[task], rows, strict=True)}

    # -- concepts ------------------------------------------------------------------------------------------------------

    def concept_metrics(self, after_task: int) -> ConceptMetrics | None:
        """The concepts after a task, or None where the method's rows are no concepts.

        Raises:
            NotApplicable: the task is not finished.
        """
        setup = self.setup
        if setup is None or after_task >= self.tasks_done:
            raise self._read.not_finished(after_task)
        if not setup.learns_concepts:
            return None
        return self._read.concepts(after_task, setup.splits)

    def concept_matrix(self, split: str = "test") -> Floats:
        """Mean AUC of the concepts of task k on its test images after task t, [T, T]; NaN where unknown."""
        rows = self._read.metrics(split, "concept_matrix")
        return measures.accuracy_matrix([rows[t] for t in sorted(rows)], len(self.task_classes))

    @property
    def nec(self) -> Floats:
        """Effective concepts per class after each task, [T]; NaN where unknown."""
        return self._scalars("", "nec")

    @property
    def parameters(self) -> Floats:
        """Numbers that the model answers from after each task, [T]; NaN where unknown (see `engine.model.size`)."""
        return self._scalars("", PARAMETERS)

    @property
    def stored(self) -> Floats:
        """Numbers that the model keeps in all after each task, [T]; NaN where unknown."""
        return self._scalars("", STORED)

    @property
    def validation(self) -> Floats:
        """Accuracy on the validation images of all tasks learnt, after each task, [T]; NaN where unknown."""
        return self._scalars("", VALIDATION)

    def past_concepts(self, split: str = "test") -> tuple[Floats, Floats]:
        """How much of its answers comes past the concepts after each task, [T] each; NaN without a side channel.

        First the share of images whose answer would be another without the side channel, then its mean share of the
        lead over the runner-up (`engine.metrics.residual`).
        """
        return self._scalars(split, "past_concepts_share"), self._scalars(split, "past_concepts_margin")

    # -- how it goes ---------------------------------------------------------------------------------------------------

    def epochs(self, since_event_id: int = 0) -> list[EpochRow]:
        """Every epoch reported after an event, in order."""
        return self._read.epochs(since_event_id)

    def film(self, after: tuple[int, int] | None = None) -> Film:
        """What was watched of it, after a beat (task and epoch) or from the beginning; see `engine.records.watched`."""
        setup = self.setup
        return self._read.beats(setup, after) if setup else Film(())

    def beat_places(self) -> tuple[tuple[int, int], ...]:
        """Task and epoch of every beat of the film, in order: cheap, for whoever looks whether there is a new one."""
        return self._read.beat_places()

    @property
    def watch_list(self) -> WatchList:
        """What it watches, and will where it goes on."""
        return Watching(self._store).list(self.id)

    @property
    def marks(self) -> tuple[Mark, ...]:
        """What people said that its pictures show, the oldest first."""
        return PictureMarks(self._store).all(self.id)

    @property
    def timing(self) -> list[TaskTiming]:
        """Time and memory of each finished task."""
        return self._read.timing()

    @property
    def seconds(self) -> float:
        """Active time of all finished tasks."""
        return sum(task.seconds for task in self.timing)

    @property
    def peak_memory_mb(self) -> float | None:
        """Highest resident memory of the worker so far, in MiB, or None before the first task is finished."""
        return max((task.peak_memory_mb for task in self.timing), default=None)

    @property
    def progress(self) -> ProgressRow:
        """Where it is and how long it will take."""
        return estimate(self._read.latest_event(), self.timing, self.tasks_total, changes_backbone(self.config))

    @property
    def models_dropped(self) -> frozenset[int]:
        """The tasks whose models were dropped on request."""
        return self._store.models_dropped(self.id)

    def snapshot(self, task: int, memory: bool = False) -> Snapshot:
        """The model after a task; with `memory` also what its method carries on, to train from it. Imports torch.

        Raises:
            NotApplicable: the task is not finished, or its model was dropped.
            StoreDamaged: its file does not hold what it should.
        """
        if not 0 <= task < self.tasks_done:
            raise self._read.not_finished(task)
        from engine.model.storage import load

        return load(self._store.snapshots(self.id), task, self._store.snapshot_digest(self.id, task), memory)

    # -- internals -----------------------------------------------------------------------------------------------------

    @property
    def _row(self) -> sqlite3.Row:
        return self._store.row(self.id)

    def _scalars(self, split: str, name: str) -> Floats:
        known = self._read.metrics(split, name)
        return np.array([float(known.get(t, math.nan)) for t in range(len(self.task_classes))])

    def _forward_transfer(self, split: str) -> float:
        before = self._scalars(split, "before")  # [T], accuracy on each task just before it was learnt
        if len(before) < 2:
            return math.nan
        return measures.forward_transfer(np.diag(before[1:], 1), self.zero_shot(split, "task_il"))


def _last_known(values: Floats) -> float:
    known = values[~np.isnan(values)]
    return float(known[-1]) if len(known) else math.nan
