"""From the events of a training to the store: what a worker writes down, and what it holds a resumed run to."""

from __future__ import annotations

import time

from engine.backbone.presets import identify
from engine.metrics.accuracy import over_images
from engine.records.events import (
    EpochEnded,
    Event,
    FeaturesProgress,
    HardeningProgress,
    RunStarted,
    TaskEvaluated,
    TaskFinished,
    TaskStarted,
    Watched,
)
from engine.records.identity import check_same
from engine.runs.task_backbones import changes_backbone, compensates_drift, spec_after
from engine.store.reader import RunReader
from engine.store.store import RunStore
from engine.store.summary import stored_config

_FLUSH = 0.25  # seconds events may wait before they are written together


class Recorder:
    """Writes events to the store: small ones together a few times a second, a finished task at once and whole."""

    def __init__(self, store: RunStore, run_id: str) -> None:
        self._store, self._run_id = store, run_id
        self._waiting: list[Event] = []
        self._written = 0.0
        self._sizes: tuple[int, ...] = ()
        self._evaluated: TaskEvaluated | None = None

    def take(self, event: Event) -> None:
        """Store an event."""
        if isinstance(event, RunStarted):
            self._sizes = event.test_sizes["test"]
            self._begin(event)
        elif isinstance(event, TaskStarted | FeaturesProgress | HardeningProgress | EpochEnded | Watched):
            self._wait(event)
        elif isinstance(event, TaskEvaluated):
            self._evaluated = event
        elif isinstance(event, TaskFinished):
            self._finish(event)

    def _begin(self, event: RunStarted) -> None:
        """Store what the run learns from, or see that it is what its finished tasks were learnt from."""
        began = RunReader(self._store, self._run_id).setup(self._store.row(self._run_id))
        if began is not None and self._store.tasks_done(self._run_id):
            check_same(self._run_id, began, event)
        self._store.write_setup(self._run_id, event)

    def flush(self) -> None:
        """Write what waits."""
        if self._waiting:
            self._store.append(self._run_id, self._waiting)
            self._waiting = []
        self._written = time.monotonic()

    def _wait(self, event: Event) -> None:
        fleeting = isinstance(event, FeaturesProgress | HardeningProgress)
        if fleeting and self._waiting and type(self._waiting[-1]) is type(event):
            self._waiting.pop()  # only the latest counts
        self._waiting.append(event)
        if time.monotonic() - self._written >= _FLUSH:
            self.flush()

    def _finish(self, event: TaskFinished) -> None:
        from engine.model.storage import save

        assert event.snapshot is not None and self._evaluated is not None  # the loop yields them in this order
        self.flush()
        carried = compensates_drift(stored_config(self._store.row(self._run_id)))
        digest = save(self._store.snapshots(self._run_id), event.snapshot, carried)
        metrics = self._evaluated.metrics
        accuracy = over_images(metrics["test"]["class_il"], self._sizes[: event.task + 1])
        self._store.commit_task(self._run_id, event, metrics, accuracy, digest, self._tower(event.task))
        self._evaluated = None

    def _tower(self, task: int) -> str:
        """Digest of the backbone that was hardened for a task, or nothing where the run hardens none."""
        config = stored_config(self._store.row(self._run_id))
        if not changes_backbone(config):
            return ""
        found = identify(spec_after(self._store.folder(self._run_id), config, task))
        assert found is not None  # it lies in a folder
        return found.digest
