"""The rows of analyses: asked for, in the queue, at work, answered. Functions of one connection; no torch here."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Mapping

from engine.records.arrays import Array, pack
from engine.store.liveness import alive
from engine.store.seals import read, whole

SINCE = 2
"""Version of the store that brought analyses."""
WAITING = "waiting"
"""Status of an analysis that has no process yet."""
STARTED = ("queued", "running")
"""Statuses of an analysis that has one, or is just getting it."""
_KEY = "run = ? AND task = ? AND analyses.name = ? AND settings = ?"

Key = tuple[str, int, str, str]
"""Run, task from 0, the analysis's name, and its settings as JSON with sorted names."""


def find(db: sqlite3.Connection, key: Key) -> sqlite3.Row | None:
    """The row of a question, or None if it was never asked. Raises StoreDamaged."""
    rows = read(db, "analyses", f"WHERE {_KEY}", *key)
    return rows[0] if rows else None


def asked(db: sqlite3.Connection, run: str, task: int, name: str) -> list[sqlite3.Row]:
    """The rows of an analysis at a moment, with other settings each, the newest first. Raises StoreDamaged."""
    return read(db, "analyses", "WHERE run = ? AND task = ? AND name = ? ORDER BY id DESC", run, task, name)


def arrays(db: sqlite3.Connection, key: Key) -> list[sqlite3.Row]:
    """The arrays of a finished answer; none where it is not finished. Raises StoreDamaged."""
    return read(db, "results", f"JOIN analyses ON analyses.id = analysis WHERE {_KEY} AND status = 'finished'", *key)


def unchecked(db: sqlite3.Connection, key: Key) -> sqlite3.Row | None:
    """The row of a question as it stands, for whoever replaces it even where it is damaged."""
    row: sqlite3.Row | None = db.execute(f"SELECT * FROM analyses WHERE {_KEY}", key).fetchone()
    return row


def add(db: sqlite3.Connection, key: Key, status: str, machine: str) -> None:
    """Ask anew; what was there is dropped with its arrays."""
    drop(db, key)
    names = "run, task, name, settings, status, heartbeat, machine"
    db.execute(f"INSERT INTO analyses ({names}) VALUES (?, ?, ?, ?, ?, ?, ?)", (*key, status, time.time(), machine))


def drop(db: sqlite3.Connection, key: Key) -> None:
    """Forget a question and its answer."""
    db.execute(f"DELETE FROM analyses WHERE {_KEY}", key)


def cancel(db: sqlite3.Connection, key: Key) -> None:
    """Whoever computes it will find that nobody waits any more."""
    db.execute(f"UPDATE analyses SET status = 'cancelled' WHERE {_KEY} AND status <> 'finished'", key)


def started(db: sqlite3.Connection, key: Key, pid: int, mark: str) -> None:
    """Note the process that was started for it, unless it has told so itself."""
    db.execute(f"UPDATE analyses SET pid = ?, pid_mark = ? WHERE {_KEY} AND pid IS NULL", (pid, mark, *key))


def report(db: sqlite3.Connection, key: Key, pid: int, mark: str, done: int, total: int, word: str) -> bool:
    """Progress and a sign of life; False where it was cancelled."""
    now = time.time()
    changed = db.execute(
        "UPDATE analyses SET status = 'running', pid = ?, pid_mark = ?, heartbeat = ?, "
        f"began = COALESCE(began, ?), done = ?, total = ?, word = ? WHERE {_KEY} AND status <> 'cancelled'",
        (pid, mark, now, now, done, total, word, *key),
    ).rowcount
    return bool(changed)


def keep(db: sqlite3.Connection, key: Key, found: Mapping[str, Array], seconds: float) -> None:
    """The answer; nothing is kept where it was cancelled."""
    row = db.execute(f"SELECT id FROM analyses WHERE {_KEY} AND status <> 'cancelled'", key).fetchone()
    if row is None:
        return
    rows = [(row["id"], name, pack(array)) for name, array in found.items()]
    db.executemany("INSERT OR REPLACE INTO results (analysis, name, data) VALUES (?, ?, ?)", rows)
    db.execute("UPDATE analyses SET status = 'finished', seconds = ? WHERE id = ?", (seconds, row["id"]))


def fail(db: sqlite3.Connection, key: Key, error: str) -> None:
    """Why there is no answer."""
    db.execute(
        f"UPDATE analyses SET status = 'failed', error = ? WHERE {_KEY} AND status <> 'cancelled'", (error, *key)
    )


# -- the queue: who asks for one answer is told that it is damaged; whoever goes through all leaves it out -------------


def lined_up(db: sqlite3.Connection, looked_at_since: float) -> list[sqlite3.Row]:
    """What waits, the next one first: what is looked at, and of that what was asked for last."""
    query = "SELECT * FROM analyses WHERE status = ? ORDER BY heartbeat > ? DESC, id DESC"
    return _whole(db.execute(query, (WAITING, looked_at_since)).fetchall())


def at_work(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """Analyses with a living process, or with one that is just being started."""
    rows = _whole(db.execute("SELECT * FROM analyses WHERE status IN (?, ?)", STARTED).fetchall())
    return [row for row in rows if alive(row["pid"], row["pid_mark"], time.time() - row["heartbeat"])]


def take_place(db: sqlite3.Connection, row: sqlite3.Row) -> None:
    """One that waited is being started."""
    query = "UPDATE analyses SET status = 'queued', heartbeat = ?, pid = NULL, pid_mark = NULL WHERE id = ?"
    db.execute(query, (time.time(), row["id"]))


def touch(db: sqlite3.Connection, row: sqlite3.Row) -> None:
    """Somebody looks at one that waits."""
    db.execute("UPDATE analyses SET heartbeat = ? WHERE id = ? AND status = ?", (time.time(), row["id"], WAITING))


def _whole(rows: list[sqlite3.Row]) -> list[sqlite3.Row]:
    return [row for row in rows if whole("analyses", row)]
