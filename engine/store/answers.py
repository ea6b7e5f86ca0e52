"""The answers of analyses that are kept, with their arrays. Functions of one connection; no torch here.

What is still computed is a job (`engine.store.jobs`).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from engine.device import machine
from engine.records.arrays import Array, pack
from engine.store import rows
from engine.store.seals import read

_KEY = "run = ? AND task = ? AND analyses.name = ? AND settings = ?"

Key = tuple[str, int, str, str]
"""Run, task from 0, the analysis's name, and its settings as JSON with sorted names."""


def find(db: sqlite3.Connection, key: Key) -> sqlite3.Row | None:
    """The row of a kept answer, or None. Raises StoreDamaged."""
    found = read(db, "analyses", f"WHERE {_KEY}", *key)
    return found[0] if found else None


def kept(db: sqlite3.Connection, run: str, task: int, name: str) -> list[sqlite3.Row]:
    """An analysis's answers at a moment, with other settings each, the newest first. Raises StoreDamaged."""
    return read(db, "analyses", "WHERE run = ? AND task = ? AND name = ? ORDER BY id DESC", run, task, name)


def arrays(db: sqlite3.Connection, key: Key) -> list[sqlite3.Row]:
    """The arrays of a kept answer; none where it is not kept. Raises StoreDamaged."""
    return read(db, "results", f"JOIN analyses ON analyses.id = analysis WHERE {_KEY}", *key)


def drop(db: sqlite3.Connection, key: Key) -> None:
    """Forget an answer."""
    db.execute(f"DELETE FROM analyses WHERE {_KEY}", key)


def keep(db: sqlite3.Connection, key: Key, found: Mapping[str, Array], seconds: float, where: str = "") -> None:
    """Keep an answer in place of what was there.

    Args:
        seconds: how long it took.
        where: the machine that computed it; this one if not given.
    """
    drop(db, key)
    named = dict(zip(("run", "task", "name", "settings"), key, strict=True))
    number = rows.add(db, "analyses", {**named, "seconds": seconds, "machine": where or machine()})
    packed = [(number, name, pack(array)) for name, array in found.items()]
    db.executemany("INSERT INTO results (analysis, name, data) VALUES (?, ?, ?)", packed)
