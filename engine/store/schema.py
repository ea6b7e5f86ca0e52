"""The store's tables, version by version.

A step never changes once it is released, so any older store can be brought up to date.
"""

from __future__ import annotations

from engine.store.seals import SEALED, triggers

_RUNS = """
CREATE TABLE runs (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, created REAL NOT NULL, config TEXT NOT NULL,
    status TEXT NOT NULL, error TEXT, wanted TEXT NOT NULL,
    pid INTEGER, pid_mark TEXT, heartbeat REAL NOT NULL, machine TEXT NOT NULL,
    parent TEXT, parent_task INTEGER, tasks_total INTEGER, setup TEXT
);
CREATE TABLE tasks (
    run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, task INTEGER NOT NULL,
    seconds REAL NOT NULL, peak_memory_mb REAL NOT NULL, accuracy REAL NOT NULL, finished REAL NOT NULL,
    PRIMARY KEY (run, task)
);
CREATE TABLE metrics (
    run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, task INTEGER NOT NULL,
    split TEXT NOT NULL, name TEXT NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (run, task, split, name)
);
CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    task INTEGER NOT NULL, kind TEXT NOT NULL, body TEXT NOT NULL
);
CREATE INDEX events_of_run ON events (run, id);
"""

_ANALYSES_AND_SCENARIOS = """
CREATE TABLE analyses (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    task INTEGER NOT NULL, name TEXT NOT NULL, settings TEXT NOT NULL,
    status TEXT NOT NULL, error TEXT, pid INTEGER, pid_mark TEXT, heartbeat REAL NOT NULL,
    began REAL, done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0, word TEXT NOT NULL DEFAULT '',
    seconds REAL, machine TEXT NOT NULL DEFAULT '',
    UNIQUE (run, task, name, settings)
);
CREATE TABLE results (
    analysis INTEGER NOT NULL REFERENCES analyses(id) ON DELETE CASCADE, name TEXT NOT NULL, data BLOB NOT NULL,
    PRIMARY KEY (analysis, name)
);
CREATE TABLE scenarios (
    id TEXT PRIMARY KEY, run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, task INTEGER NOT NULL,
    name TEXT NOT NULL, note TEXT NOT NULL, created REAL NOT NULL, base TEXT, edits TEXT NOT NULL,
    removed INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX scenario_names ON scenarios (run, name) WHERE NOT removed;
CREATE TABLE drafts (
    id TEXT PRIMARY KEY, run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, task INTEGER NOT NULL,
    base TEXT, edits TEXT NOT NULL, redo TEXT NOT NULL, revision INTEGER NOT NULL, updated REAL NOT NULL
);
"""

_SHELF = """
CREATE TABLE shelf (
    run TEXT PRIMARY KEY REFERENCES runs(id) ON DELETE CASCADE,
    starred INTEGER NOT NULL DEFAULT 0, note TEXT NOT NULL DEFAULT '', removed REAL, imported TEXT NOT NULL DEFAULT ''
);
"""

_BOUND = (
    "ALTER TABLE tasks ADD COLUMN snapshot TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE tasks ADD COLUMN tower TEXT NOT NULL DEFAULT ''",
)
"""Digests of the files a task left: model, and backbone where the run hardens one. Empty: of an older Plumage."""


def _statements(script: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, script.split(";"))))


STEPS: tuple[tuple[str, ...], ...] = (
    _statements(_RUNS),
    _statements(_ANALYSES_AND_SCENARIOS),
    _statements(_SHELF),
    (*_BOUND, *(statement for table in SEALED for statement in triggers(table))),
)
"""The statements that each version added to the one before it."""
VERSION = len(STEPS)
"""Kept in SQLite's `user_version`."""
