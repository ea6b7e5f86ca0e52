"""The rows that a task leaves, written on one connection: events while it is learnt, then the task and its metrics."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from typing import Any

from engine.records.arrays import pack
from engine.records.events import (
    EpochEnded,
    Event,
    FeaturesProgress,
    HardeningProgress,
    Metrics,
    TaskFinished,
    TaskStarted,
    Watched,
)
from engine.records.watched import pack_beat
from engine.store.seals import read

_COPIED: Mapping[str, str] = {
    "tasks": "task, seconds, peak_memory_mb, accuracy, finished, snapshot, tower",
    "metrics": "task, split, name, data",
    "events": "task, kind, body",
    "beats": "task, epoch, seconds, data",
}
_SAID: Mapping[str, str] = {
    "watching": "settings",
    "pins": "kind, what, data, removed",
    "marks": "picture, digest, concept, present, marked",
    "selections": "name, pictures, created, removed",
}
"""What people said of a run's data and of what is watched, whatever its task. What they said of the run itself (star,
note, tags) stays with it: a tag gathers runs to be compared or deleted together, and nobody said so of the fork."""


def add_events(db: sqlite3.Connection, run: str, events: Sequence[Event]) -> None:
    """Add events and beats of the current task; other events leave no row of their own."""
    rows = [
        (run, event.task, type(event).__name__, json.dumps(event.to_mapping()))
        for event in events
        if isinstance(event, TaskStarted | FeaturesProgress | HardeningProgress | EpochEnded)
    ]
    db.executemany("INSERT INTO events (run, task, kind, body) VALUES (?, ?, ?, ?)", rows)
    beats = [(run, e.task, e.epoch, e.seconds, pack_beat(e)) for e in events if isinstance(e, Watched)]
    db.executemany("INSERT INTO beats (run, task, epoch, seconds, data) VALUES (?, ?, ?, ?, ?)", beats)


def add_task(db: sqlite3.Connection, run: str, event: TaskFinished, accuracy: float, snapshot: str, tower: str) -> None:
    """Add a finished task; the arguments are those of `RunStore.commit_task`."""
    times = (event.seconds, event.peak_memory_mb, accuracy, time.time())
    db.execute(
        "INSERT INTO tasks (run, task, seconds, peak_memory_mb, accuracy, finished, snapshot, tower) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (run, event.task, *times, snapshot, tower),
    )


def add_metrics(db: sqlite3.Connection, run: str, task: int, metrics: Metrics) -> None:
    """Add everything measured after a task."""
    rows = [(run, task, split, name, pack(a)) for split, named in metrics.items() for name, a in named.items()]
    db.executemany("INSERT INTO metrics (run, task, split, name, data) VALUES (?, ?, ?, ?, ?)", rows)


def copy_tasks(db: sqlite3.Connection, source: str, target: str, after_task: int) -> None:
    """Give a fork its parent's setup, what its tasks up to `after_task` left, and what people said of the parent.

    Raises:
        StoreDamaged: something of them is damaged; nothing damaged is copied.
    """
    row = read(db, "runs", "WHERE id = ?", source)[0]
    setup = (_without_code(row["setup"]), row["tasks_total"], target)
    db.execute("UPDATE runs SET setup = ?, tasks_total = ? WHERE id = ?", setup)
    for table, columns in _COPIED.items():
        read(db, table, "WHERE run = ? AND task <= ?", source, after_task)
        db.execute(
            f"INSERT INTO {table} (run, {columns}) SELECT ?, {columns} FROM {table} "
            "WHERE run = ? AND task <= ? ORDER BY rowid",
            (target, source, after_task),
        )
    for table, columns in _SAID.items():
        read(db, table, "WHERE run = ?", source)
        db.execute(
            f"INSERT INTO {table} (run, {columns}) SELECT ?, {columns} FROM {table} WHERE run = ? ORDER BY rowid",
            (target, source),
        )


def add(db: sqlite3.Connection, table: str, values: Mapping[str, Any]) -> int | None:
    """Insert a row and return its number. Table and column names are ours, never a stranger's."""
    marks = ", ".join("?" * len(values))
    return db.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({marks})", [*values.values()]).lastrowid


def dropped(db: sqlite3.Connection, run: str) -> frozenset[int]:
    """The tasks of a run whose models were dropped on request (`engine.store.thinning`). Raises StoreDamaged."""
    return frozenset(int(row["task"]) for row in read(db, "dropped", "WHERE run = ?", run))


def run_ids(db: sqlite3.Connection, created: float | None = None) -> set[str]:
    """Every run's id, or of those that were made at a moment (unix time in seconds); damaged ones too."""
    query = "SELECT id FROM runs WHERE ? IS NULL OR created = ?"
    return {row["id"] for row in db.execute(query, (created, created))}


def finishing_times(db: sqlite3.Connection, run: str) -> list[float]:
    """When each finished task of a run was finished, unix time in seconds."""
    return [float(row["finished"]) for row in read(db, "tasks", "WHERE run = ? ORDER BY task", run)]


def _without_code(setup: str | None) -> str | None:
    """A fork learns its tasks with today's code, whatever its parent began with."""
    return json.dumps({**json.loads(setup), "code": ""}) if setup else None
