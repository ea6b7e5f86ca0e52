"""One run in a line, and the status it deserves."""

from __future__ import annotations

import json
import sqlite3
import time
from dataclasses import dataclass
from typing import Any

from engine.errors import StoreDamaged
from engine.runs.config import RunConfig
from engine.runs.liveness import alive

LIVE = frozenset({"queued", "running", "paused"})
"""Statuses in which a worker holds the run."""

# In the order in which runs came in: clocks are set back.
SUMMARIES = """
SELECT runs.*, COUNT(tasks.task) AS done, AVG(tasks.accuracy) AS average,
       (SELECT accuracy FROM tasks WHERE run = runs.id ORDER BY task DESC LIMIT 1) AS last
FROM runs LEFT JOIN tasks ON tasks.run = runs.id GROUP BY runs.id ORDER BY runs.rowid DESC
"""


_HAS_SHELF = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'shelf'"


@dataclass(frozen=True, slots=True)
class RunSummary:
    """One line of the list of runs.

    Attributes:
        id, name: the store's identifier, safe as a path, and what its owner calls it (any text: escape it).
        status: see `true_status`.
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
    seed: int
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


def summary(row: sqlite3.Row) -> RunSummary:
    """The summary of one row of `SUMMARIES`.

    Raises:
        StoreDamaged: the row's config is none.
    """
    config = _config_values(row)
    return RunSummary(
        id=row["id"],
        name=row["name"],
        method=config["method"],
        status=true_status(row),
        created=row["created"],
        seed=config["seed"],
        tasks_done=row["done"],
        tasks_total=row["tasks_total"],
        last_accuracy=row["last"],
        average_accuracy=row["average"],
        error=row["error"],
        parent=row["parent"],
        parent_task=row["parent_task"],
    )


def stored_config(row: sqlite3.Row) -> RunConfig:
    """The config a run was started with.

    Raises:
        StoreDamaged: there is none.
        BadParameter: a method or parameter it names does not exist here.
    """
    return RunConfig.from_mapping(_config_values(row))


def _config_values(row: sqlite3.Row) -> dict[str, Any]:
    try:
        values: dict[str, Any] = json.loads(row["config"])
        if not {"method", "seed"} <= set(values):
            raise KeyError("method, seed")
    except (ValueError, KeyError, TypeError) as error:
        raise StoreDamaged(
            f"run {row['id']}", f"its stored config cannot be read ({error})", "Delete this run; the others are sound"
        ) from error
    return values
