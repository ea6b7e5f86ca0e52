"""Pictures of a run's data that somebody wanted to find again, under a name. Removing can be undone. No torch here."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import BadInput, StoreDamaged
from engine.store.seals import Value, read
from engine.store.store import RunStore
from engine.structures import Malformed, checked, parse_json

MAX_NAME, MAX_PICTURES = 80, 10_000
_PICTURE = re.compile(r"[a-z]{1,16}:[0-9]{1,15}", re.ASCII)
"""A picture's name: a split, and a row of it (see `engine.session.subjects`)."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Pictures that were saved.

    Attributes:
        id: the store's number for it.
        run: the run whose data they are of.
        name: what its owner calls it; any text, so escape it.
        pictures: their names (`test:123`), in the order chosen.
        created: unix time in seconds.
    """

    id: int
    run: str
    name: str
    pictures: tuple[str, ...]
    created: float


class Selections:
    """The saved selections of a store. Cheap to make; may be used from any thread."""

    def __init__(self, store: RunStore) -> None:
        self._store = store

    def all(self, run: str) -> list[Selection]:
        """The run's selections, the newest first.

        Raises:
            StoreDamaged: one is not as it was written.
        """
        return [_selection(row) for row in self._rows("WHERE run = ? AND NOT removed ORDER BY id DESC", run)]

    def get(self, run: str, selection: int) -> Selection:
        """One of the run's selections; a removed one too, since a link may still lead to it.

        Raises:
            BadInput: the run has none of this number.
            StoreDamaged: it is not as it was written.
        """
        rows = self._rows("WHERE run = ? AND id = ?", run, selection)
        if not rows:
            raise BadInput(f"selection {selection}", "this run has none of this number", "Choose one of this run's")
        return _selection(rows[0])

    def save(self, run: str, name: str, pictures: Sequence[str]) -> Selection:
        """Keep pictures under a name that no other selection of the run has.

        Raises:
            BadInput: no name or no pictures, too much of either, something that names none, or the name is taken.
            UnknownRun: there is no such run (any more).
        """
        name, kept = check(name, pictures)
        if any(other.name == name for other in self.all(run)):
            raise _taken(name)
        now = time.time()
        try:
            with self._store.writing(run) as db:
                values = (run, name, json.dumps(kept), now)
                query = "INSERT INTO selections (run, name, pictures, created) VALUES (?, ?, ?, ?)"
                made = db.execute(query, values).lastrowid
        except sqlite3.IntegrityError as error:  # another tab was faster
            raise _taken(name) from error
        return Selection(int(made or 0), run, name, kept, now)

    def remove(self, run: str, selection: int) -> None:
        """Take a selection off the list; `restore` brings it back. Raises as `get`."""
        self._mark(run, selection, 1)

    def restore(self, run: str, selection: int) -> None:
        """Undo `remove`.

        Raises:
            BadInput: as `get`; or another has taken its name meanwhile.
        """
        try:
            self._mark(run, selection, 0)
        except sqlite3.IntegrityError as error:
            raise _taken(self.get(run, selection).name) from error

    def _mark(self, run: str, selection: int, removed: int) -> None:
        self.get(run, selection)
        with self._store.writing(run) as db:
            db.execute("UPDATE selections SET removed = ? WHERE id = ?", (removed, selection))

    def _rows(self, rest: str, *values: Value) -> list[sqlite3.Row]:
        with self._store.database.reading() as db:
            return read(db, "selections", rest, *values) if db else []


def check(name: str, pictures: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Name and pictures as they are kept: single spaces, each picture once.

    Raises:
        BadInput: no name or no pictures, too much of either, or something that names no picture.
    """
    kept, name = tuple(dict.fromkeys(pictures)), " ".join(name.split())
    if not 1 <= len(name) <= MAX_NAME:
        raise BadInput(f"name {name[:MAX_NAME]!r}", f"a name has 1 to {MAX_NAME} characters", "Give it a name")
    if not 1 <= len(kept) <= MAX_PICTURES:
        raise BadInput(f"{len(kept)} pictures", f"a selection has 1 to {MAX_PICTURES:,}", "Choose other filters")
    if strange := next((one for one in kept if not _PICTURE.fullmatch(one)), None):
        raise BadInput(f"picture {strange[:40]!r}", "a picture is named SPLIT:NUMBER", "Choose them in the gallery")
    return name, kept


def _taken(name: str) -> BadInput:
    return BadInput(f"selection {name!r}", "this run has one of that name", "Give it another name")


def _selection(row: sqlite3.Row) -> Selection:
    try:
        pictures = tuple(checked(list[str], parse_json(row["pictures"])))
    except (Malformed, TypeError) as error:
        raise StoreDamaged(f"selection {row['id']}", f"it cannot be read ({error})", "Remove it") from error
    return Selection(row["id"], row["run"], row["name"], pictures, row["created"])
