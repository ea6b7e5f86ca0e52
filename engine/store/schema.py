"""The store's tables, version by version.

A step never changes once it is released, so any older store can be brought up to date.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from engine.store.seals import SEALED, new_seals, triggers

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


_SEALED_FIRST: Mapping[str, tuple[str, ...]] = {
    **{table: SEALED[table] for table in ("tasks", "metrics", "events", "results", "scenarios", "drafts", "shelf")},
    "runs": (
        *("id", "name", "created", "config", "status", "error", "wanted", "machine"),
        *("parent", "parent_task", "tasks_total", "setup"),
    ),
    "analyses": ("id", "run", "task", "name", "settings", "status", "error", "seconds", "machine"),
}
"""The columns that seals covered when they came; a run and an analysis had their process in their own rows then."""

_JOBS = """
CREATE TABLE jobs (
    id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, subject TEXT NOT NULL,
    run TEXT REFERENCES runs(id) ON DELETE CASCADE, arguments TEXT NOT NULL,
    status TEXT NOT NULL, error TEXT, wanted TEXT NOT NULL DEFAULT 'run',
    pid INTEGER, pid_mark TEXT, heartbeat REAL NOT NULL, looked_at REAL NOT NULL DEFAULT 0,
    created REAL NOT NULL, asked REAL NOT NULL, began REAL, ended REAL,
    done INTEGER NOT NULL DEFAULT 0, total INTEGER NOT NULL DEFAULT 0, word TEXT NOT NULL DEFAULT '',
    base INTEGER NOT NULL DEFAULT 0, since REAL, seconds REAL,
    machine TEXT NOT NULL DEFAULT '', made TEXT NOT NULL DEFAULT '',
    UNIQUE (kind, subject)
);
CREATE INDEX jobs_by_status ON jobs (status);
CREATE INDEX jobs_of_run ON jobs (run, kind);
"""
_TRAININGS_AS_JOBS = """
INSERT INTO jobs
    (kind, subject, run, arguments, status, error, wanted, pid, pid_mark, heartbeat, created, asked, machine)
    SELECT 'training', id, id, '{}', CASE status WHEN 'queued' THEN 'interrupted' ELSE status END,
    error, wanted, pid, pid_mark, heartbeat, created, created, machine FROM runs
"""
_WATCHING = """
CREATE TABLE watching (
    run TEXT PRIMARY KEY REFERENCES runs(id) ON DELETE CASCADE, settings TEXT NOT NULL
);
CREATE TABLE pins (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    kind TEXT NOT NULL, what TEXT NOT NULL, data BLOB NOT NULL, removed INTEGER NOT NULL DEFAULT 0,
    UNIQUE (run, kind, what)
);
CREATE TABLE beats (
    run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, task INTEGER NOT NULL, epoch INTEGER NOT NULL,
    seconds REAL NOT NULL, data BLOB NOT NULL, PRIMARY KEY (run, task, epoch)
)
"""
_TAGS_AND_SELECTIONS = """
CREATE TABLE tags (
    run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE, tag TEXT NOT NULL, PRIMARY KEY (run, tag)
);
CREATE TABLE selections (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    name TEXT NOT NULL, pictures TEXT NOT NULL, created REAL NOT NULL, removed INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX selection_names ON selections (run, name) WHERE NOT removed
"""
_MARKS = """
CREATE TABLE marks (
    id INTEGER PRIMARY KEY AUTOINCREMENT, run TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
    picture TEXT NOT NULL, digest TEXT NOT NULL, concept TEXT NOT NULL, present INTEGER, marked REAL NOT NULL
);
CREATE INDEX marks_of_pictures ON marks (run, picture, concept)
"""
_EXPERIMENTS = """
CREATE TABLE experiments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, declared TEXT NOT NULL,
    settings TEXT NOT NULL DEFAULT '[]', note TEXT NOT NULL DEFAULT '', created REAL NOT NULL, removed REAL
);
CREATE UNIQUE INDEX experiment_names ON experiments (name) WHERE removed IS NULL
"""
_DROPPED = """
CREATE TABLE dropped (
    run TEXT NOT NULL, task INTEGER NOT NULL, dropped REAL NOT NULL, PRIMARY KEY (run, task),
    FOREIGN KEY (run, task) REFERENCES tasks(run, task) ON DELETE CASCADE
)
"""
_NO_ANSWER = "DELETE FROM analyses WHERE status <> 'finished'"
_MOVED = {
    "runs": ("status", "error", "wanted", "pid", "pid_mark", "heartbeat"),
    "analyses": ("status", "error", "pid", "pid_mark", "heartbeat", "began", "done", "total", "word"),
}
"""The columns that the table of jobs took over."""


def _statements(script: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, script.split(";"))))


def _narrowed(table: str, dropped: Sequence[str]) -> Iterator[str]:
    """Drop columns of a sealed table. A row that did not fit its seal before fits none after."""
    for name in ("new", "changed"):
        yield f"DROP TRIGGER seal_{name}_{table}"
    before, now = (f"seal('{table}', {', '.join(columns)})" for columns in (_SEALED_FIRST[table], SEALED[table]))
    yield f"UPDATE {table} SET seal = CASE WHEN seal = {before} THEN {now} ELSE x'' END"
    for column in dropped:
        yield f"ALTER TABLE {table} DROP COLUMN {column}"
    yield from triggers(table, SEALED[table])


STEPS: tuple[tuple[str, ...], ...] = (
    _statements(_RUNS),
    _statements(_ANALYSES_AND_SCENARIOS),
    _statements(_SHELF),
    (*_BOUND, *(statement for table, columns in _SEALED_FIRST.items() for statement in new_seals(table, columns))),
    (
        *_statements(_JOBS),
        *new_seals("jobs", SEALED["jobs"]),
        _TRAININGS_AS_JOBS,
        _NO_ANSWER,
        *(statement for table, columns in _MOVED.items() for statement in _narrowed(table, columns)),
    ),
    (
        *_statements(_WATCHING),
        *(statement for table in ("watching", "pins", "beats") for statement in new_seals(table, SEALED[table])),
    ),
    (
        *_statements(_TAGS_AND_SELECTIONS),
        *(statement for table in ("tags", "selections") for statement in new_seals(table, SEALED[table])),
    ),
    (*_statements(_MARKS), *new_seals("marks", SEALED["marks"])),
    (*_statements(_EXPERIMENTS), *new_seals("experiments", SEALED["experiments"])),
    (*_statements(_DROPPED), *new_seals("dropped", SEALED["dropped"])),
)
"""The statements that each version added to the one before it."""
VERSION = len(STEPS)
"""Kept in SQLite's `user_version`."""
