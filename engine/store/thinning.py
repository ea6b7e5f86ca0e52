"""Thinning: the models after earlier tasks are dropped on request, for good, and what that loses is said before.

The last model stays, and every model that has edits. So does all that was measured, watched, answered, noted or marked:
it lies in the database. What a task found of its classes stays too, because later models are made of it, and so do the
backbones of a run that hardens its own.

First the rows say that models are dropped, then their files go: whoever is killed in between has lost nothing that was
not to be lost, and asking again finishes it.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.errors import BadParameter, NotApplicable
from engine.files import freed
from engine.model.chain import memory_file, model_file
from engine.store import jobs, rows
from engine.store.seals import read
from engine.store.states import FINISHED
from engine.store.store import RunStore

LOST = (
    "Concepts, Picture, Repair and Attack after these tasks",
    "What follows concepts, weights or answers from task to task, unless it was computed before",
    "Forks, edited models and unlearning that keep any of these tasks",
    "Export: an archive holds the model after every task",
)
"""What can no longer be had."""
KEPT = "Accuracy, forgetting, the film, finished analyses, edits, notes and marks stay."
_EDITED = """
SELECT task FROM scenarios WHERE run = ? AND NOT removed UNION SELECT task FROM drafts WHERE run = ? AND edits <> '[]'
"""


@dataclass(frozen=True, slots=True)
class Thinning:
    """What is dropped of a run, or was.

    Attributes:
        run: its id.
        dropped, kept: tasks without and with their model afterwards, from 0.
        size: bytes that this frees; files that another run shares are not counted.
    """

    run: str
    dropped: tuple[int, ...]
    kept: tuple[int, ...]
    size: int


def plan(store: RunStore, run: str, every: int = 0) -> Thinning:
    """What `thin` would drop.

    Args:
        every: keep the model after every so many tasks too; 0: only the last.

    Raises:
        BadParameter: `every` is negative.
        NotApplicable: the run is not finished, something of it is at work, or nothing is left to drop.
        UnknownRun: there is no such run.
    """
    store.row(run)
    found, refused = plans(store, [run], every)
    if refused:
        raise refused[0]
    return found[0]


def plans(store: RunStore, runs: Iterable[str], every: int = 0) -> tuple[list[Thinning], list[NotApplicable]]:
    """What `thin` would drop of each run that can be thinned, and why the others cannot. Raises BadParameter."""
    found, refused = list[Thinning](), list[NotApplicable]()
    with store.database.reading() as db:
        if db is None:
            return found, refused
        at_work = _at_work(db)
        for run in runs:
            try:
                found.append(_plan(db, store.snapshots(run), run, every, at_work))
            except NotApplicable as error:
                refused.append(error)
    return found, refused


def thin(store: RunStore, run: str, every: int = 0) -> Thinning:
    """Drop models, for good. Raises as `plan`, and StoreError where the store cannot be written."""
    with store.writing(run) as db:
        found = _plan(db, store.snapshots(run), run, every, _at_work(db))
        for task in sorted({*found.dropped} - rows.dropped(db, run)):
            rows.add(db, "dropped", {"run": run, "task": task, "dropped": time.time()})
    for path in _files(store.snapshots(run), found.dropped):
        path.unlink(missing_ok=True)
    return found


def _at_work(db: sqlite3.Connection) -> frozenset[str]:
    """The runs that a job is about which works, waits or is paused."""
    return frozenset(job.run for job in jobs.live(db) if job.run)


def _plan(db: sqlite3.Connection, folder: Path, run: str, every: int, at_work: frozenset[str]) -> Thinning:
    given = f"thinning run {run}"
    if every < 0:
        raise BadParameter(f"{given}: every {every} tasks", "a whole number from 0", "0 keeps only the last model")
    training = jobs.find(db, jobs.TRAINING, run)
    if training is None or training.status != FINISHED:
        status = training.status if training else "not trained"
        raise NotApplicable(given, f"it is {status}, and whoever goes on with it needs its models", "Finish it first")
    if run in at_work:
        raise NotApplicable(given, "something is being computed of it", "Let that finish, or stop it")
    done, already = len(read(db, "tasks", "WHERE run = ?", run)), rows.dropped(db, run)
    wanted = {int(row["task"]) for row in db.execute(_EDITED, (run, run))} | {done - 1}
    wanted |= {*range(every - 1, done, every)} if every else set()
    kept = tuple(sorted(wanted - already))
    goes = tuple(task for task in range(done) if task not in kept)
    files = [path for path in _files(folder, goes) if path.is_file()]
    if not files:
        raise NotApplicable(given, "every model that is there would stay", "Keep fewer, if you need the space")
    return Thinning(run, goes, kept, freed(files))


def _files(folder: Path, tasks: Sequence[int]) -> Iterator[Path]:
    for task in tasks:
        yield model_file(folder, task)
        yield memory_file(folder, task)
