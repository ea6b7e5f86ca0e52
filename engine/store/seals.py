"""Seals: a checksum in every stored row, so that a flipped bit or two exchanged rows are noticed, not shown.

The database makes them itself: triggers call `seal` after every insert and update, whoever writes, and a connection
that does not know the function cannot write at all. Reading goes through `read`, which compares each row with its seal.
A seal covers the row's key and everything that means something; signs of life change too often and mean too little. It
finds damage and mix-ups, not forgery: whoever can write the file can make new seals.
"""

from __future__ import annotations

import hashlib
import sqlite3
import struct
from collections.abc import Iterator, Mapping, Sequence

from engine.errors import StoreDamaged

SEALED: Mapping[str, tuple[str, ...]] = {
    "runs": ("id", "name", "created", "config", "machine", "parent", "parent_task", "tasks_total", "setup"),
    "tasks": ("run", "task", "seconds", "peak_memory_mb", "accuracy", "finished", "snapshot", "tower"),
    "metrics": ("run", "task", "split", "name", "data"),
    "events": ("id", "run", "task", "kind", "body"),
    "analyses": ("id", "run", "task", "name", "settings", "seconds", "machine"),
    "results": ("analysis", "name", "data"),
    "scenarios": ("id", "run", "task", "name", "note", "created", "base", "edits", "removed"),
    "drafts": ("id", "run", "task", "base", "edits", "redo", "revision", "updated"),
    "shelf": ("run", "starred", "note", "removed", "imported"),
    "jobs": (
        *("id", "kind", "subject", "run", "arguments", "status", "error", "wanted"),
        *("created", "seconds", "machine", "made"),
    ),
    "watching": ("run", "settings"),
    "pins": ("id", "run", "kind", "what", "data", "removed"),
    "beats": ("run", "task", "epoch", "seconds", "data"),
    "tags": ("run", "tag"),
    "selections": ("id", "run", "name", "pictures", "created", "removed"),
    "marks": ("id", "run", "picture", "digest", "concept", "present", "marked"),
    "experiments": ("id", "name", "declared", "settings", "note", "created", "removed"),
    "dropped": ("run", "task", "dropped"),
}
"""The columns that each table's seals cover."""
_NAMED: Mapping[str, tuple[str, ...]] = {
    "runs": ("id",),
    "tasks": ("run", "task"),
    "metrics": ("run", "task", "split", "name"),
    "events": ("run", "id"),
    "analyses": ("run", "name"),
    "results": ("analysis", "name"),
    "scenarios": ("run", "id"),
    "drafts": ("run", "id"),
    "shelf": ("run",),
    "jobs": ("kind", "subject"),
    "watching": ("run",),
    "pins": ("run", "what"),
    "beats": ("run", "task", "epoch"),
    "tags": ("run", "tag"),
    "selections": ("run", "name"),
    "marks": ("run", "picture", "concept"),
    "experiments": ("id", "name"),
    "dropped": ("run", "task"),
}
"""The columns that a message names a row by."""
_SIZE = 16  # bytes: by chance no two rows of a store ever share a seal

Value = None | int | float | str | bytes


def seal(*values: Value) -> bytes:
    """Checksum of a table's name and a row's values, told apart by type and length."""
    sha = hashlib.blake2b(digest_size=_SIZE)
    for value in values:
        data = _bytes(value)
        sha.update(f"{type(value).__name__}{len(data)}:".encode())
        sha.update(data)
    return sha.digest()


def read(db: sqlite3.Connection, table: str, rest: str = "", *values: Value) -> list[sqlite3.Row]:
    """The rows of `SELECT * FROM table rest`, each compared with its seal.

    Raises:
        StoreDamaged: a row is not as it was written; the message names it.
    """
    rows = db.execute(f"SELECT {table}.* FROM {table} {rest}", values).fetchall()
    for row in rows:
        if not whole(table, row):
            raise damaged(table, row)
    return rows


def whole(table: str, row: sqlite3.Row) -> bool:
    """Whether a row, with all columns of its table, is as it was written."""
    sealed: bytes | None = row["seal"]
    return sealed == seal(table, *(row[column] for column in SEALED[table]))


def damaged(table: str, row: sqlite3.Row) -> StoreDamaged:
    """The error for a row that does not fit its seal."""
    place = ", ".join(str(row[column]) for column in _NAMED[table])
    return StoreDamaged(
        f"{table}: {place}",
        "what is stored is not what was written",
        "See python -m engine doctor --check for what is whole and what can be recomputed",
    )


def new_seals(table: str, columns: Sequence[str]) -> Iterator[str]:
    """The statements that seal what a table holds, and from then on keep doing so."""
    listed = ", ".join(columns)
    update = f"UPDATE {table} SET seal = seal('{table}', {listed})"
    yield f"ALTER TABLE {table} ADD COLUMN seal BLOB"
    yield update
    yield from triggers(table, columns)


def triggers(table: str, columns: Sequence[str]) -> Iterator[str]:
    """The statements by which a table seals every row that is written from now on."""
    listed = ", ".join(columns)
    update = f"UPDATE {table} SET seal = seal('{table}', {listed}) WHERE rowid = NEW.rowid"
    for name, event in {"new": "INSERT", "changed": f"UPDATE OF {listed}"}.items():
        yield f"CREATE TRIGGER seal_{name}_{table} AFTER {event} ON {table} BEGIN {update}; END"


def _bytes(value: Value) -> bytes:
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode("utf-8", "surrogatepass")
    return b"" if value is None else struct.pack("<d", value) if isinstance(value, float) else str(value).encode()
