"""Experiments as they are kept: what was declared, which settings were drawn, a note, and whether it was put away.

Which run does which cell stands nowhere: a run belongs to every experiment that has a cell of its config, so a finished
run is never done twice and an experiment that gets another axis keeps what it has. No torch here.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.errors import BadInput, BadParameter
from engine.store.database import Database
from engine.store.seals import damaged, read, whole
from engine.structures import Malformed, checked, parse_json

MAX_NOTE = 2000


@dataclass(frozen=True, slots=True)
class KeptExperiment:
    """An experiment in the store.

    Attributes:
        id: the store's number for it.
        name: what people call it; any text, so escape it.
        declared: as `engine.experiments.experiment.Experiment` gives it; ready for JSON.
        settings: values of the axes that vary, of every setting drawn so far; empty for a grid.
        note: any text.
        created: unix time in seconds.
        removed: when it was put away, or None.
    """

    id: int
    name: str
    declared: Mapping[str, Any]
    settings: tuple[tuple[str, ...], ...]
    note: str
    created: float
    removed: float | None


class KeptExperiments:
    """The experiments of a store. Cheap to make; may be used from any thread."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[KeptExperiment]:
        """Those that were not put away, the newest first; damaged ones are left out (`doctor --check` names them)."""
        with self._database.reading() as db:
            rows = (
                db.execute("SELECT * FROM experiments WHERE removed IS NULL ORDER BY id DESC").fetchall() if db else []
            )
        return [_kept(row) for row in rows if whole("experiments", row)]

    def get(self, number: int) -> KeptExperiment:
        """One of them, put away or not.

        Raises:
            BadInput: there is none of this number.
            StoreDamaged: it is not as it was written.
        """
        with self._database.reading() as db:
            rows = read(db, "experiments", "WHERE id = ?", number) if db else []
        if not rows:
            raise BadInput(f"experiment {number}", "there is none of this number", "See python -m engine sweep --list")
        return _kept(rows[0])

    def named(self, text: str) -> KeptExperiment:
        """The one that is called so, or has this number, or `last`.

        Raises:
            BadInput: there is none.
            StoreDamaged: it is not as it was written.
        """
        known = self.all()
        found = [one for one in known if text in (one.name, str(one.id))]
        if text == "last" and known:
            found = found or known[:1]
        if not found:
            raise BadInput(f"experiment {text!r}", "there is none", "See python -m engine sweep --list")
        return self.get(found[0].id)

    def save(self, name: str, declared: Mapping[str, Any]) -> int:
        """Keep one, and return its number.

        Raises:
            BadParameter: another has its name.
            StoreError: the store cannot be written.
        """
        query = "INSERT INTO experiments (name, declared, created) VALUES (?, ?, ?)"
        try:
            with self._database.writing() as db:
                return int(db.execute(query, (name, json.dumps(dict(declared)), time.time())).lastrowid or 0)
        except sqlite3.IntegrityError as error:
            raise _taken(name) from error

    def change(self, number: int, name: str, declared: Mapping[str, Any]) -> None:
        """Declare it anew: with another axis, say. What was drawn is kept where the axes that vary are the same.

        Raises:
            BadInput, BadParameter, StoreDamaged, StoreError: as `get` and `save`.
        """
        before = self.get(number)
        same = json.dumps(_varied(before.declared)) == json.dumps(_varied(declared))
        kept = before.settings if same else ()
        self._update(number, name=name, declared=json.dumps(dict(declared)), settings=json.dumps(kept))

    def draw(self, number: int, settings: Sequence[Sequence[str]]) -> None:
        """Keep which settings were drawn so far. Raises as `change`."""
        self._update(number, settings=json.dumps([list(one) for one in settings]))

    def note(self, number: int, text: str) -> None:
        """Write about it.

        Raises:
            BadParameter: too long.
        """
        if len(text) > MAX_NOTE:
            raise BadParameter("note", f"a note has at most {MAX_NOTE:,} characters", "Shorten it", "note")
        self._update(number, note=text)

    def remove(self, number: int) -> None:
        """Put it away; its runs stay. `restore` brings it back."""
        self._update(number, removed=time.time())

    def restore(self, number: int) -> None:
        """Undo `remove`.

        Raises:
            BadParameter: another has taken its name.
        """
        self._update(number, removed=None)

    def _update(self, number: int, **values: object) -> None:
        kept = self.get(number)
        assignments = ", ".join(f"{column} = ?" for column in values)
        try:
            with self._database.writing() as db:
                db.execute(f"UPDATE experiments SET {assignments} WHERE id = ?", [*values.values(), number])
        except sqlite3.IntegrityError as error:
            raise _taken(str(values.get("name", kept.name))) from error


def _varied(declared: Mapping[str, Any]) -> list[Any]:
    return [declared.get(key) for key in ("axes", "search", "draw_seed", "preset", "set")]


def _taken(name: str) -> BadParameter:
    return BadParameter(f"experiment {name!r}", "there is one of that name", "Give it another name", "name")


def _kept(row: sqlite3.Row) -> KeptExperiment:
    try:
        declared = checked(dict[str, Any], parse_json(row["declared"]))
        settings = checked(list[list[str]], parse_json(row["settings"]))
    except (Malformed, TypeError) as error:
        raise damaged("experiments", row) from error
    drawn = tuple(tuple(one) for one in settings)
    return KeptExperiment(row["id"], row["name"], declared, drawn, row["note"], row["created"], row["removed"])
