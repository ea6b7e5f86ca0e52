"""One run in a line."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from engine.errors import StoreDamaged
from engine.runs.config import RunConfig
from engine.store import jobs
from engine.store.jobs import Job
from engine.store.seals import damaged, whole
from engine.structures import Malformed, Structure, checked, parse_json

DAMAGED = "damaged"
"""Status of a run whose rows are not as they were written: it shows no numbers, and nothing goes on from it."""

_DOCTOR = "See python -m engine doctor --check; the other runs are sound"
_CODE = "CASE WHEN json_valid(setup) THEN json_extract(setup, '$.code') END AS code"
"""Taken out by SQLite: for thousands of runs, reading all of what each began with takes seconds."""
_NEWEST_FIRST = "ORDER BY rowid DESC"  # as they came in: clocks are set back


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of the list of runs.

    Attributes:
        id, name: the store's identifier, safe as a path, and what its owner calls it (any text: escape it).
        method, seed: as in its config; `""` and None where that is damaged.
        status: see `engine.store.states`; `DAMAGED` where its rows are not as they were written.
        created: unix time in seconds.
        tasks_done, tasks_total: finished tasks; the total is None until the data are open.
        last_accuracy, average_accuracy: class-IL on the test split, 0..1, or None before the first task.
        error: why it failed, or None.
        parent, parent_task: the run and task it was forked from, or None.
        seconds: active time of its finished tasks.
        config: its config as stored; empty where that is damaged.
        code: version of the code that computes it; None while no process has begun.
    """

    id: str
    name: str
    method: str
    status: str
    created: float
    seed: int | None
    tasks_done: int
    tasks_total: int | None
    last_accuracy: float | None
    average_accuracy: float | None
    error: str | None
    parent: str | None
    parent_task: int | None
    seconds: float = 0.0
    config: Mapping[str, Any] = field(default_factory=dict, hash=False)
    code: str | None = None


def shelved(db: sqlite3.Connection) -> dict[str, sqlite3.Row]:
    """What the shelf says of runs, by id; a run that nobody touched has no row."""
    return {row["run"]: row for row in db.execute("SELECT * FROM shelf")}


def removed(db: sqlite3.Connection) -> frozenset[str]:
    """The runs that lie in the bin."""
    return frozenset(run for run, row in shelved(db).items() if row["removed"] is not None)


def summaries(db: sqlite3.Connection) -> list[RunSummary]:
    """All runs, those in the bin too, the newest first. One that is damaged is listed as such and hides no other."""
    tasks: dict[str, list[sqlite3.Row]] = {}
    for task in db.execute("SELECT * FROM tasks ORDER BY task").fetchall():
        tasks.setdefault(task["run"], []).append(task)
    rows, trainings = db.execute(f"SELECT *, {_CODE} FROM runs {_NEWEST_FIRST}").fetchall(), jobs.trainings(db)
    return [_summary(row, tasks.get(row["id"], []), trainings.get(row["id"])) for row in rows]


def _summary(row: sqlite3.Row, tasks: Sequence[sqlite3.Row], training: Job | None) -> RunSummary:
    problem = _problem(row, tasks, training)
    config = {} if problem else _config_values(row)
    accuracies = [] if problem else [float(task["accuracy"]) for task in tasks]
    return RunSummary(
        id=str(row["id"]),
        name=str(row["name"]),
        method=config.get("method", ""),
        status=DAMAGED if problem or training is None else training.status,
        created=float(row["created"]),
        seed=config.get("seed"),
        tasks_done=len(tasks),
        tasks_total=None if problem else row["tasks_total"],
        last_accuracy=accuracies[-1] if accuracies else None,
        average_accuracy=sum(accuracies) / len(accuracies) if accuracies else None,
        error=str(problem) if problem or training is None else training.error,
        parent=row["parent"],
        parent_task=row["parent_task"],
        seconds=0.0 if problem else sum(float(task["seconds"]) for task in tasks),
        config=config,
        code=None if problem or row["code"] is None else str(row["code"]),
    )


def _problem(row: sqlite3.Row, tasks: Sequence[sqlite3.Row], training: Job | None) -> StoreDamaged | None:
    """What is wrong with a run's rows, or None."""
    for table, rows in (("runs", [row]), ("tasks", tasks)):
        for found in rows:
            if not whole(table, found):
                return damaged(table, found)
    if training is None:
        return StoreDamaged(f"run {row['id']}", "what is stored of its training is missing or damaged", _DOCTOR)
    if [task["task"] for task in tasks] != [*range(len(tasks))]:
        return StoreDamaged(f"run {row['id']}", "one of its tasks is missing", _DOCTOR)
    try:
        _config_values(row)
    except StoreDamaged as problem:
        return problem
    return None


def stored_config(row: sqlite3.Row) -> RunConfig:
    """The config a run was started with.

    Raises:
        StoreDamaged: there is none.
        BadParameter: a method or parameter it names does not exist here.
    """
    return RunConfig.stored(_config_values(row))


@lru_cache(maxsize=8192)
def _parsed(config: str) -> Mapping[str, Any]:
    """A stored config; kept, because every page lists all runs. Raises Malformed or TypeError."""
    values = checked(dict[str, Any], parse_json(config))
    checked(_Named, {name: values.get(name) for name in _Named.model_fields})
    return values


def _config_values(row: sqlite3.Row) -> Mapping[str, Any]:
    try:
        return _parsed(row["config"])
    except (Malformed, TypeError) as error:
        raise StoreDamaged(f"run {row['id']}", f"its stored config cannot be read ({error})", _DOCTOR) from error


class _Named(Structure):
    """What the list of runs says of a config; whoever opens the run checks all of it."""

    method: str
    seed: int
