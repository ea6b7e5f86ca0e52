"""One run in a line, and the status it deserves."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import StoreDamaged
from engine.runs.config import RunConfig
from engine.store.liveness import alive
from engine.store.seals import damaged, whole
from engine.structures import Malformed, Structure, checked, parse_json

LIVE = frozenset({"queued", "running", "paused"})
"""Statuses in which a worker holds the run."""

DAMAGED = "damaged"
"""Status of a run whose rows are not as they were written: it shows no numbers, and nothing goes on from it."""

_DOCTOR = "See python -m engine doctor --check; the other runs are sound"
_NEWEST_FIRST = "ORDER BY rowid DESC"  # as they came in: clocks are set back
_HAS_SHELF = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'shelf'"


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of the list of runs.

    Attributes:
        id, name: the store's identifier, safe as a path, and what its owner calls it (any text: escape it).
        method, seed: as in its config; `""` and None where that is damaged.
        status: see `true_status`; `DAMAGED` where its rows are not as they were written.
        created: unix time in seconds.
        tasks_done, tasks_total: finished tasks; the total is None until the data are open.
        last_accuracy, average_accuracy: class-IL on the test split, 0..1, or None before the first task.
        error: why it failed, or None.
        parent, parent_task: the run and task it was forked from, or None.
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


def shelved(db: sqlite3.Connection) -> dict[str, sqlite3.Row]:
    """What the shelf says of runs, by id; a run that nobody touched has no row, nor has any in an older store."""
    if not db.execute(_HAS_SHELF).fetchone():
        return {}
    return {row["run"]: row for row in db.execute("SELECT * FROM shelf")}


def removed(db: sqlite3.Connection) -> frozenset[str]:
    """The runs that lie in the bin."""
    return frozenset(run for run, row in shelved(db).items() if row["removed"] is not None)


def true_status(row: sqlite3.Row) -> str:
    """The status a row deserves: a run whose worker died is interrupted, whatever the worker wrote last."""
    status = str(row["status"])
    if status in LIVE and not alive(row["pid"], row["pid_mark"], time.time() - row["heartbeat"]):
        return "interrupted"
    return status


def summaries(db: sqlite3.Connection) -> list[RunSummary]:
    """All runs, those in the bin too, the newest first. One that is damaged is listed as such and hides no other."""
    tasks: dict[str, list[sqlite3.Row]] = {}
    for task in db.execute("SELECT * FROM tasks ORDER BY task").fetchall():
        tasks.setdefault(task["run"], []).append(task)
    rows = db.execute(f"SELECT * FROM runs {_NEWEST_FIRST}").fetchall()
    return [_summary(row, tasks.get(row["id"], [])) for row in rows]


def at_work(db: sqlite3.Connection) -> list[RunSummary]:
    """The runs with a living worker, as `summaries` has them; found without looking at the others."""
    marks = ", ".join("?" * len(LIVE))
    found = []
    for row in db.execute(f"SELECT * FROM runs WHERE status IN ({marks}) {_NEWEST_FIRST}", sorted(LIVE)).fetchall():
        tasks = db.execute("SELECT * FROM tasks WHERE run = ? ORDER BY task", (row["id"],)).fetchall()
        found.append(_summary(row, tasks))
    return [run for run in found if run.status in LIVE]


def _summary(row: sqlite3.Row, tasks: Sequence[sqlite3.Row]) -> RunSummary:
    problem = _problem(row, tasks)
    config = {} if problem else _config_values(row)
    accuracies = [] if problem else [float(task["accuracy"]) for task in tasks]
    return RunSummary(
        id=str(row["id"]),
        name=str(row["name"]),
        method=config.get("method", ""),
        status=DAMAGED if problem else true_status(row),
        created=float(row["created"]),
        seed=config.get("seed"),
        tasks_done=len(tasks),
        tasks_total=None if problem else row["tasks_total"],
        last_accuracy=accuracies[-1] if accuracies else None,
        average_accuracy=sum(accuracies) / len(accuracies) if accuracies else None,
        error=str(problem) if problem else row["error"],
        parent=row["parent"],
        parent_task=row["parent_task"],
    )


def _problem(row: sqlite3.Row, tasks: Sequence[sqlite3.Row]) -> StoreDamaged | None:
    """What is wrong with a run's rows, or None."""
    for table, rows in (("runs", [row]), ("tasks", tasks)):
        for found in rows:
            if not whole(table, found):
                return damaged(table, found)
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
    return RunConfig.from_mapping(_config_values(row))


def _config_values(row: sqlite3.Row) -> dict[str, Any]:
    try:
        values = checked(dict[str, Any], parse_json(row["config"]))
        checked(_Named, {name: values.get(name) for name in _Named.model_fields})
    except (Malformed, TypeError) as error:
        raise StoreDamaged(f"run {row['id']}", f"its stored config cannot be read ({error})", _DOCTOR) from error
    return values


class _Named(Structure):
    """What the list of runs says of a config; whoever opens the run checks all of it."""

    method: str
    seed: int
