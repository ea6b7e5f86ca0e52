"""A run as it goes into an archive: everything small, read out of the store in one look. No torch here."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.runs.store import RunStore
from engine.runs.summary import shelved, true_status

_SINCE = 2  # version of the store that brought analyses and scenarios

Line = Mapping[str, Any]
"""What one line of a .jsonl file holds."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A finished analysis.

    Attributes:
        line: its line in `analyses.jsonl`.
        arrays: the result as .npy bytes, by name.
    """

    line: Line
    arrays: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Content:
    """A run's rows.

    Attributes:
        run: what `run.json` holds; status as it truly was, setup as stored.
        tasks, events: in order; events as `Event.to_mapping` gives them.
        metrics: .npy bytes by task, split and name.
        answers: finished analyses, the oldest first.
        scenarios: those not removed, the oldest first.
    """

    run: Line
    tasks: tuple[Line, ...]
    events: tuple[Line, ...]
    metrics: Mapping[tuple[int, str, str], bytes]
    answers: tuple[Answer, ...]
    scenarios: tuple[Line, ...]


def content(store: RunStore, run: str) -> Content:
    """Everything the store's tables hold of a run but its config.

    Raises:
        UnknownRun: there is none.
        StoreError: it cannot be read.
    """
    row = store.row(run)
    with store.database.reading() as db:  # one look: tasks, metrics and events of one moment
        assert db is not None  # the row was there
        tasks = _lines(db, "SELECT task, seconds, peak_memory_mb, accuracy, finished FROM tasks", run, "task")
        measured = db.execute("SELECT task, split, name, data FROM metrics WHERE run = ? ORDER BY 1, 2, 3", (run,))
        metrics = {(found["task"], found["split"], found["name"]): bytes(found["data"]) for found in measured}
        bodies = db.execute("SELECT body FROM events WHERE run = ? ORDER BY id", (run,))
        events = [json.loads(found["body"]) for found in bodies]
    return Content(_described(store, row), tasks, tuple(events), metrics, _answers(store, run), _scenarios(store, run))


def _described(store: RunStore, row: sqlite3.Row) -> Line:
    with store.database.reading() as db:
        said = shelved(db).get(row["id"]) if db else None
    columns = ("name", "created", "error", "machine", "parent", "parent_task", "tasks_total")
    return {
        "id": (said["imported"] if said else "") or row["id"],  # brought in and exported again, it is still that run
        **{column: row[column] for column in columns},
        "note": said["note"] if said else "",
        "status": true_status(row),
        "setup": json.loads(row["setup"]) if row["setup"] else None,
    }


def _answers(store: RunStore, run: str) -> tuple[Answer, ...]:
    found = []
    with store.database.reading(_SINCE) as db:
        query = "SELECT * FROM analyses WHERE run = ? AND status = 'finished' ORDER BY id"
        for number, row in enumerate(db.execute(query, (run,)).fetchall() if db else ()):
            assert db is not None  # it gave the row
            results = db.execute("SELECT name, data FROM results WHERE analysis = ? ORDER BY name", (row["id"],))
            line = {
                "folder": f"{row['name']}-{number + 1}",
                "task": row["task"],
                "name": row["name"],
                "settings": json.loads(row["settings"]),
                "seconds": row["seconds"],
                "machine": row["machine"],
            }
            found.append(Answer(line, {result["name"]: bytes(result["data"]) for result in results}))
    return tuple(found)


def _scenarios(store: RunStore, run: str) -> tuple[Line, ...]:
    with store.database.reading(_SINCE) as db:
        query = "SELECT id, task, name, note, created, base, edits FROM scenarios WHERE NOT removed AND run = ?"
        rows = db.execute(f"{query} ORDER BY created, id", (run,)).fetchall() if db else []
    return tuple({**dict(row), "edits": json.loads(row["edits"])} for row in rows)


def _lines(db: sqlite3.Connection, query: str, run: str, order: str) -> tuple[Line, ...]:
    return tuple(dict(row) for row in db.execute(f"{query} WHERE run = ? ORDER BY {order}", (run,)))
