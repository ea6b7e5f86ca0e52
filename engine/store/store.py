"""The run store: a directory with one SQLite file for everything small and one folder a run for its snapshots.

A task is committed in one transaction after its snapshot was renamed into place, so a task exists whole or not at all.
How far its training is says the table of jobs (`engine.store.jobs`).
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from engine.device import machine
from engine.errors import ModelDropped, NotApplicable, StoreDamaged, StoreError, UnknownRun
from engine.files import storage_errors
from engine.home import home as default_home
from engine.home import runs_folder
from engine.records.events import (
    Event,
    Metrics,
    RunStarted,
    TaskFinished,
)
from engine.runs.config import RunConfig
from engine.runs.task_backbones import drop_unfinished
from engine.store import ids, jobs, rows
from engine.store.database import Database
from engine.store.jobs import Job
from engine.store.seals import read
from engine.store.states import QUEUED
from engine.store.summary import RunSummary, removed, summaries

MAX_NAME = 200
"""Characters of a run's name."""
_ID_ATTEMPTS = 1000


class RunStore:
    """All runs under one directory. Cheap to make, keeps nothing open, may be used from any thread.

    Args:
        home: the directory; `$PLUMAGE_HOME` or `~/.local/share/plumage` if not given. It need not exist.
    """

    def __init__(self, home: Path | None = None) -> None:
        self.home = Path(home).absolute() if home is not None else default_home()
        self.database = Database(self.home)

    # -- reading -------------------------------------------------------------------------------------------------------

    def runs(self) -> list[RunSummary]:
        """Every run that does not lie in the bin, the newest first; empty where nothing was ever stored.

        Raises:
            StoreError: the store cannot be read.
        """
        with self.database.reading() as db:
            gone = removed(db) if db else frozenset()
            return [run for run in summaries(db) if run.id not in gone] if db else []

    def resolve(self, text: str) -> str:
        """The run meant by `"last"`, an id, or the beginning of one.

        Raises:
            UnknownRun: none or several begin like this, or it lies in the bin.
        """
        known = [run.id for run in self.runs()]
        if text == "last" and known:
            return known[0]
        found = [text] if text in known else [run for run in known if text and run.startswith(text)]
        if len(found) == 1:
            return found[0]
        if not found and self._in_bin(text):
            raise UnknownRun(f"run {text!r}", "it lies in the bin", "Put it back on the dashboard's Home page")
        if not found:
            raise UnknownRun(f"run {text!r}", f"{self.home} has no such run", "See python -m engine runs")
        raise UnknownRun(f"run {text!r}", f"{len(found)} runs begin like this", "Give more of the name")

    def _unknown(self, run_id: str) -> UnknownRun:
        return UnknownRun(f"run {run_id!r}", f"{self.home} has no such run", "See python -m engine runs")

    def row(self, run_id: str) -> sqlite3.Row:
        """The run's row, as stored.

        Raises:
            UnknownRun: there is none.
            StoreDamaged: it is not as it was written.
        """
        with self.database.reading() as db:
            found = read(db, "runs", "WHERE id = ?", run_id) if db else []
        if not found:
            raise self._unknown(run_id)
        return found[0]

    def status(self, run_id: str) -> str:
        """The run's status, which is its training's (`engine.store.states`)."""
        return self.training(run_id).status

    def training(self, run_id: str) -> Job:
        """The job that trains the run, or did.

        Raises:
            UnknownRun: there is no such run.
            StoreDamaged: it is not as it was written.
        """
        with self.database.reading() as db:
            found = jobs.find(db, jobs.TRAINING, run_id) if db else None
        if found is None:
            self.row(run_id)  # who has no row has no training either
            raise StoreDamaged(
                f"run {run_id}", "nothing is stored of its training", "See python -m engine doctor --check"
            )
        return found

    def tasks_done(self, run_id: str) -> int:
        """How many tasks are finished: tasks 0 to this minus one have a snapshot."""
        return len(self._tasks(run_id))

    def snapshot_digest(self, run_id: str, task: int) -> str:
        """Digest of the model file after a finished task, which whoever opens it asks for; empty where an older Plumage
        left it.

        Raises:
            ModelDropped: it is no longer there, and its owner wanted it so.
        """
        self.check_kept(run_id, [task])
        return self._digests(run_id, "snapshot")[task]

    def check_kept(self, run_id: str, tasks: Iterable[int]) -> None:
        """Check that the models after these tasks were not dropped.

        Raises:
            ModelDropped: one was; the first of them is named.
        """
        gone = self.models_dropped(run_id)
        for task in sorted(gone.intersection(tasks)):
            left = ", ".join(str(other + 1) for other in range(self.tasks_done(run_id)) if other not in gone)
            raise ModelDropped(
                f"the model after task {task + 1}",
                f"it was dropped on request; kept is the model after task {left}",
                "Choose that moment, or train the run again: equal settings give equal models",
            )

    def models_dropped(self, run_id: str) -> frozenset[int]:
        """The tasks whose models were dropped on request (`engine.store.thinning`)."""
        with self.database.reading() as db:
            return rows.dropped(db, run_id) if db else frozenset()

    def tower_digests(self, run_id: str) -> list[str]:
        """Digests of the backbones hardened for the finished tasks; empty texts where there are none."""
        return self._digests(run_id, "tower")

    def folder(self, run_id: str) -> Path:
        """The run's directory."""
        return runs_folder(self.home) / run_id

    def snapshots(self, run_id: str) -> Path:
        """Where the run's models lie (see `engine.model.storage`)."""
        return self.folder(run_id) / "snapshots"

    # -- runs ----------------------------------------------------------------------------------------------------------

    def create(
        self,
        config: RunConfig,
        name: str = "",
        parent: str | None = None,
        parent_task: int | None = None,
        status: str = QUEUED,
        arguments: Mapping[str, Any] | None = None,
    ) -> str:
        """Register a run and the job that trains it, and return its id.

        Args:
            status, arguments: of the job; see `engine.store.jobs.ask`. It has no arguments if not given.

        Raises:
            StoreError: the store cannot be written.
        """
        run_id = self._new_folder()
        values = {
            "id": run_id,
            "name": name.strip()[:MAX_NAME],
            "created": time.time(),
            "config": json.dumps(config.to_mapping()),
            "machine": machine(),
            "parent": parent,
            "parent_task": parent_task,
            "tasks_total": config.tasks_total,
        }
        try:
            with self.database.writing() as db:
                rows.add(db, "runs", values)
                jobs.ask(db, jobs.TRAINING, run_id, arguments or {}, run_id, status)
        except StoreError:
            shutil.rmtree(self.folder(run_id), ignore_errors=True)
            raise
        return run_id

    def check_writable(self) -> None:
        """Find out whether the store can be written.

        Raises:
            StoreError: it cannot; the message says why.
        """
        with self.database.writing():
            pass

    def delete(self, run_id: str) -> None:
        """Forget a run and its snapshots.

        Raises:
            NotApplicable: a worker holds it.
        """
        with self.database.writing() as db:
            training = jobs.trainings(db).get(run_id)  # a damaged one may go too
            if training is not None and training.live:
                raise NotApplicable(f"run {run_id}", f"it is {training.status}", "Stop it first")
            db.execute("DELETE FROM runs WHERE id = ?", (run_id,))
        shutil.rmtree(self.folder(run_id), ignore_errors=True)

    # -- what a worker writes ------------------------------------------------------------------------------------------

    def begin(self, run_id: str) -> None:
        """Drop what an earlier worker left of a task it did not finish. The caller must hold the run's lock."""
        for path in self.snapshots(run_id).glob(".*.part"):
            path.unlink(missing_ok=True)
        drop_unfinished(self.folder(run_id))
        with self.database.writing() as db:
            done = "(SELECT task FROM tasks WHERE run = ?)"
            for table in ("events", "beats"):
                db.execute(f"DELETE FROM {table} WHERE run = ? AND task NOT IN {done}", (run_id, run_id))

    def write_setup(self, run_id: str, event: RunStarted) -> None:
        """Record classes, tasks and splits."""
        self._update(run_id, setup=json.dumps(event.to_mapping()), tasks_total=len(event.task_classes))

    def append(self, run_id: str, events: Sequence[Event]) -> None:
        """Add events of the current task."""
        with self.writing(run_id) as db:
            rows.add_events(db, run_id, events)

    def commit_task(
        self, run_id: str, event: TaskFinished, metrics: Metrics, accuracy: float, snapshot: str = "", tower: str = ""
    ) -> None:
        """Record a finished task, all in one transaction. The files it left must lie in place.

        Args:
            accuracy: class-IL accuracy on the test images of all classes seen, 0..1.
            snapshot, tower: digests of its model file, and of its backbone where the run hardens one; from now on no
                others are accepted in their place.
        """
        with self.writing(run_id) as db:
            rows.add_task(db, run_id, event, accuracy, snapshot, tower)
            rows.add_metrics(db, run_id, event.task, metrics)

    def measured_anew(self, run_id: str, task: int, metrics: Metrics, accuracy: float, snapshot: str) -> None:
        """Replace what was measured of a finished task, whose model is another one now; see `commit_task`."""
        with self.writing(run_id) as db:
            db.execute("DELETE FROM metrics WHERE run = ? AND task = ?", (run_id, task))
            rows.add_metrics(db, run_id, task, metrics)
            query = "UPDATE tasks SET accuracy = ?, snapshot = ? WHERE run = ? AND task = ?"
            db.execute(query, (accuracy, snapshot, run_id, task))

    def copy_tasks(self, source: str, target: str, after_task: int) -> None:
        """Give a fork its parent's setup, and its tasks up to `after_task`; see `engine.store.rows.copy_tasks`."""
        with self.database.writing() as db:
            rows.copy_tasks(db, source, target, after_task)

    @contextmanager
    def writing(self, run_id: str) -> Iterator[sqlite3.Connection]:
        """A transaction on a run that is there: somebody may have removed it, or the whole store, while it trains.

        Raises:
            UnknownRun: it is not there.
        """
        if not self.database.path.exists():  # writing would make an empty store in its place
            raise self._unknown(run_id)
        with self.database.writing() as db:
            if db.execute("SELECT 1 FROM runs WHERE id = ?", (run_id,)).fetchone() is None:
                raise self._unknown(run_id)
            yield db

    def kept_open(self) -> AbstractContextManager[None]:
        """For a worker: hold the database open while it works."""
        return self.database.kept_open()

    # -- internals -----------------------------------------------------------------------------------------------------

    def _in_bin(self, text: str) -> bool:
        with self.database.reading() as db:
            return bool(text) and any(run.startswith(text) for run in (removed(db) if db else ()))

    def _tasks(self, run_id: str) -> list[sqlite3.Row]:
        """The rows of the finished tasks, in order; raises `StoreDamaged` where one is damaged or missing."""
        with self.database.reading() as db:
            found = read(db, "tasks", "WHERE run = ? ORDER BY task", run_id) if db else []
        if [row["task"] for row in found] != [*range(len(found))]:
            raise StoreDamaged(f"run {run_id}", "one of its tasks is missing", "See python -m engine doctor --check")
        return found

    def _digests(self, run_id: str, column: str) -> list[str]:
        return [str(row[column]) for row in self._tasks(run_id)]

    def _update(self, run_id: str, **values: object) -> None:
        with self.writing(run_id) as db:
            assignments = ", ".join(f"{column} = ?" for column in values)
            db.execute(f"UPDATE runs SET {assignments} WHERE id = ?", [*values.values(), run_id])

    def _new_folder(self) -> str:
        with storage_errors(f"run store {self.home}"):
            for attempt in range(_ID_ATTEMPTS):
                run_id = ids.new_id(time.time(), attempt)
                try:
                    self.folder(run_id).mkdir(parents=True)
                    self.snapshots(run_id).mkdir()
                except FileExistsError:
                    continue
                return run_id
        raise StoreError(f"run store {self.home}", "no free run id was found", "Try again in a second")
