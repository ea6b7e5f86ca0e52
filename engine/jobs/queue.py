"""How many background jobs may work at once, and who is next. No torch here.

Analyses wait in the store, so a place in the queue outlives pages and servers. While something trains, jobs take at
most all cores but one, so that no training crawls; else all cores. What somebody is looking at comes first, and of that
what was asked for last; a page that waits says so again and again, which is how the queue knows. A backbone being
hardened has a process from the start, which waits here until a place is free that no looked-at analysis wants.
"""

from __future__ import annotations

import os
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from engine.jobs import defending
from engine.store import answers
from engine.store.store import RunStore

_LOOKED_AT = 5.0
"""Seconds for which a job counts as looked at after a page last said that it waits for it."""
_LOOK_EVERY = 1.0
"""Seconds between two looks for a free place."""
_TRAINING = frozenset({"queued", "running"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job stands.

    Attributes:
        number: from 1: it is next.
        behind: what works now, in words.
    """

    number: int
    behind: tuple[str, ...]

    @property
    def words(self) -> str:
        """As a page says it; plain text."""
        return f"waits for {' and '.join(self.behind) or 'its turn'}, place {self.number}"


def limit(training: bool, cores: int | None = None) -> int:
    """How many background jobs may work at once.

    Args:
        training: whether a run is being trained.
        cores: of this machine; found out if not given.
    """
    cores = cores or os.cpu_count() or 1
    return max(1, cores - 1 if training else cores)


def due(store: RunStore) -> list[sqlite3.Row]:
    """Rows of the analyses that shall start now; each is marked as started, so nobody else starts it.

    Raises:
        StoreError: the store cannot be written.
    """
    if not _waiting(store):
        return []
    most = limit(_trains(store)) - len(_defences(store))
    with store.database.writing() as db:
        free = most - len(answers.at_work(db))
        rows = _in_order(db)[: max(0, free)]
        for row in rows:
            answers.take_place(db, row)
    return rows


def asked_for(store: RunStore) -> list[sqlite3.Row]:
    """Rows of the analyses at work, then of those that wait, the next one first."""
    with store.database.reading(answers.SINCE) as db:
        return [*answers.at_work(db), *_in_order(db)] if db else []


def wait_turn(store: RunStore, folder: Path) -> None:
    """Wait until a backbone's job may begin, and take its place.

    Args:
        folder: the job's.

    Raises:
        StoreError: the store or the folder cannot be written.
    """
    while not _takes_turn(store, folder):
        time.sleep(_LOOK_EVERY)


def touch(store: RunStore, row: sqlite3.Row) -> None:
    """Say that somebody waits for an analysis just now."""
    if time.time() - row["heartbeat"] < _LOOKED_AT / 2:
        return
    with store.database.writing() as db:
        answers.touch(db, row)


def place(store: RunStore, row: sqlite3.Row) -> Place:
    """Where a waiting analysis stands."""
    with store.database.reading(answers.SINCE) as db:
        waiting = [one["id"] for one in _in_order(db)] if db else []
        working = [str(one["name"]).replace("_", " ") for one in answers.at_work(db)] if db else []
    number = waiting.index(row["id"]) + 1 if row["id"] in waiting else 1
    training = ("the training",) if _trains(store) and not working else ()
    return Place(number, (*dict.fromkeys(working), *(f"backbone {name}" for name in _defences(store)), *training))


def _takes_turn(store: RunStore, folder: Path) -> bool:
    """Tried once. Nobody else takes a place meanwhile, since whoever does holds the store for writing."""
    with store.database.writing() as db:
        looked_at = [row for row in _in_order(db) if row["heartbeat"] > time.time() - _LOOKED_AT]
        if len(answers.at_work(db)) + len(_defences(store)) + len(looked_at) >= limit(_trains(store)):
            return False
        defending.take_turn(folder)
        return True


def _waiting(store: RunStore) -> bool:
    with store.database.reading(answers.SINCE) as db:
        return db is not None and bool(_in_order(db))


def _in_order(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """What waits, the next one first."""
    return answers.lined_up(db, time.time() - _LOOKED_AT)


def _trains(store: RunStore) -> bool:
    return any(run.status in _TRAINING for run in store.at_work())


def _defences(store: RunStore) -> list[str]:
    """Names of those that have their place."""
    return [job.name for job in defending.jobs(store.home) if job.status == "running" and not job.waiting]
