"""Edits of a run's model that somebody wanted to keep, and those still being made. No torch here.

A scenario is immutable: saving never overwrites, removing can be undone. A draft is written after every edit, so that
neither a crash nor a closed tab loses one; every write says which revision it saw, so that of two tabs at the same
draft the second is told and keeps its edits in a draft of its own.

Edits are mappings that name concepts by text and classes by index (see `engine.interventions.stored_edits`).
"""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from engine.errors import BadInput, NotApplicable, StoreDamaged
from engine.store.seals import Value, read
from engine.store.store import RunStore
from engine.store.summary import stored_config
from engine.structures import Malformed, Structure, checked, parse_json

Edits = tuple[Mapping[str, Any], ...]

MAX_NAME, MAX_NOTE, MAX_EDITS = 80, 2000, 10_000
MAX_FILE = 4 * 2**20
"""Largest scenario file that is read, in bytes."""
_FORMAT = "plumage scenario 1"


@dataclass(frozen=True, slots=True)
class Scenario:
    """Edits that were saved.

    Attributes:
        id: the store's name for it.
        run, task: the model they were made on.
        name, note: what its owner calls it and says of it; any text, so escape it.
        created: unix time in seconds.
        base: id of the scenario it grew out of, or None.
        edits: in the order made.
    """

    id: str
    run: str
    task: int
    name: str
    note: str
    created: float
    base: str | None
    edits: Edits


@dataclass(frozen=True, slots=True)
class Draft:
    """Edits not saved yet.

    Attributes:
        redo: edits that were undone, the next to redo last.
        revision: counts the writes.
        updated: unix time of the last write in seconds.
    """

    id: str
    run: str
    task: int
    base: str | None
    edits: Edits
    redo: Edits
    revision: int
    updated: float


class Scenarios:
    """Scenarios and drafts of a store. Cheap to make; may be used from any thread."""

    def __init__(self, store: RunStore) -> None:
        self._store = store

    # -- scenarios -----------------------------------------------------------------------------------------------------

    def all(self, run: str) -> list[Scenario]:
        """The run's scenarios, the newest first."""
        rows = self._rows("scenarios", "WHERE run = ? AND NOT removed ORDER BY created DESC, id", run)
        return [_scenario(row) for row in rows]

    def get(self, run: str, scenario: str) -> Scenario:
        """One scenario of a run.

        Raises:
            BadInput: the run has none of this id, or it is another run's.
        """
        rows = self._rows("scenarios", "WHERE id = ?", scenario)
        if not rows or rows[0]["run"] != run:
            whose = f"it belongs to run {rows[0]['run']}" if rows else "nobody knows it"
            raise BadInput(f"scenario {scenario!r} of run {run}", whose, "Choose one of this run's scenarios")
        return _scenario(rows[0])

    def save(
        self,
        run: str,
        task: int,
        name: str,
        edits: Sequence[Mapping[str, Any]],
        note: str = "",
        base: str | None = None,
    ) -> Scenario:
        """Keep edits under a name that the run does not have yet.

        Raises:
            BadInput: no name, no edits, too much of anything, or the name is taken.
        """
        name, note = " ".join(name.split()), note.strip()
        if not 1 <= len(name) <= MAX_NAME or len(note) > MAX_NOTE:
            given = f"name {name[:MAX_NAME]!r}"
            raise BadInput(given, f"a name has 1 to {MAX_NAME} characters, a note {MAX_NOTE}", "Shorten or name it")
        if not 1 <= len(edits) <= MAX_EDITS:
            raise BadInput(f"{len(edits)} edits", f"a scenario has 1 to {MAX_EDITS} edits", "Make an edit first")
        made = Scenario(_new_id(), run, task, name, note, time.time(), base, tuple(edits))
        try:
            with self._store.database.writing() as db:
                values = (made.id, run, task, name, note, made.created, base, json.dumps(list(edits)))
                db.execute(_ADD_SCENARIO, values)
        except sqlite3.IntegrityError as error:
            taken = any(other.name == name for other in self.all(run))
            reason = "this run has a scenario of that name, and a saved one never changes" if taken else "no such run"
            raise BadInput(f"scenario {name!r}", reason, "Give it another name") from error
        return made

    def remove(self, run: str, scenario: str) -> None:
        """Take a scenario off the list; `restore` brings it back."""
        self.get(run, scenario)
        with self._store.database.writing() as db:
            db.execute("UPDATE scenarios SET removed = 1 WHERE id = ?", (scenario,))

    def restore(self, run: str, scenario: str) -> None:
        """Undo `remove`.

        Raises:
            BadInput: another scenario has taken its name meanwhile.
        """
        name = self.get(run, scenario).name
        try:
            with self._store.database.writing() as db:
                db.execute("UPDATE scenarios SET removed = 0 WHERE id = ?", (scenario,))
        except sqlite3.IntegrityError as error:
            raise BadInput(f"scenario {name!r}", "another one has taken its name", "Remove that one first") from error

    def export(self, run: str, scenario: str) -> bytes:
        """The scenario as a JSON file."""
        kept = self.get(run, scenario)
        described = {
            "format": _FORMAT,
            "data": self._data_of(run),
            "task": kept.task,
            "name": kept.name,
            "note": kept.note,
            "edits": list(kept.edits),
        }
        return json.dumps(described, indent=1, ensure_ascii=False).encode()

    def import_(self, run: str, data: bytes) -> Scenario:
        """Save what `export` wrote, for a run on the same data.

        Raises:
            BadInput: it is no scenario, too large, of other data, of a task this run has not finished, or its name is
                taken.
        """
        described = _parsed(data)
        own = self._data_of(run)  # an older version told more
        if {name: described.data.get(name, _FIRST.get(name)) for name in own} != own:
            reason = "it was made on other data, or on classes in another order"
            raise BadInput(f"scenario {described.name!r}", reason, "Open a run on the data it was made on")
        done = self._store.tasks_done(run)
        if not 0 <= described.task < done:
            reason = f"it was made after task {described.task + 1} and this run has finished {done}"
            raise BadInput(f"scenario {described.name!r}", reason, "Train this run further first")
        return self.save(run, described.task, described.name, described.edits, described.note)

    # -- drafts --------------------------------------------------------------------------------------------------------

    def open_draft(self, run: str, task: int, base: str | None = None, edits: Sequence[Mapping[str, Any]] = ()) -> str:
        """Begin a draft, empty or with the edits of a scenario, and return its id."""
        made = _new_id()
        with self._store.database.writing() as db:
            values = (made, run, task, base, json.dumps(list(edits)), "[]", 0, time.time())
            db.execute(_ADD_DRAFT, values)
        return made

    def draft(self, draft: str) -> Draft | None:
        """A draft, or None where it was saved or dropped."""
        rows = self._rows("drafts", "WHERE id = ?", draft)
        return _draft(rows[0]) if rows else None

    def drafts(self, run: str) -> list[Draft]:
        """The run's drafts that hold any edit, the one written last first."""
        rows = self._rows("drafts", "WHERE run = ? ORDER BY updated DESC, id", run)
        return [draft for draft in map(_draft, rows) if draft.edits or draft.redo]

    def write_draft(
        self, draft: str, edits: Sequence[Mapping[str, Any]], redo: Sequence[Mapping[str, Any]], seen: int
    ) -> int:
        """Replace a draft's edits and return its new revision.

        Args:
            seen: the revision these edits follow.

        Raises:
            NotApplicable: somebody else has written, saved or dropped it since.
        """
        with self._store.database.writing() as db:
            changed = db.execute(
                "UPDATE drafts SET edits = ?, redo = ?, revision = revision + 1, updated = ? "
                "WHERE id = ? AND revision = ?",
                (json.dumps(list(edits)), json.dumps(list(redo)), time.time(), draft, seen),
            ).rowcount
        if not changed:
            reason = "another tab has changed, saved or dropped these edits meanwhile"
            raise NotApplicable("these edits", reason, "Yours go on as edits of their own; the others are kept too")
        return seen + 1

    def drop_draft(self, draft: str) -> None:
        """Forget a draft, once it is saved or not wanted."""
        with self._store.database.writing() as db:
            db.execute("DELETE FROM drafts WHERE id = ?", (draft,))

    # -- internals -----------------------------------------------------------------------------------------------------

    def _rows(self, table: str, rest: str, *values: Value) -> list[sqlite3.Row]:
        with self._store.database.reading() as db:
            return read(db, table, rest, *values) if db else []

    def _data_of(self, run: str) -> dict[str, Any]:
        """What a scenario's concepts and class indices refer to."""
        config = stored_config(self._store.row(run))
        source = {name: value for name, value in config.data.items() if name not in config.source.amounts}
        return {"dataset": config.dataset, **source, **{name: getattr(config, name) for name in _ORDER}}


_CLASSES = ("without_classes", "renamed_classes", "task_sizes")
_ORDER = ("order", "order_seed", "class_order", "base", "increment", *_CLASSES)
_FIRST = dict.fromkeys(_CLASSES, "")  # an older version could not choose


_ADD_SCENARIO = (
    "INSERT INTO scenarios (id, run, task, name, note, created, base, edits) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
)
_ADD_DRAFT = "INSERT INTO drafts (id, run, task, base, edits, redo, revision, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"


def _new_id() -> str:
    return secrets.token_hex(6)


def _scenario(row: sqlite3.Row) -> Scenario:
    edits = _edits(row, "edits")
    return Scenario(row["id"], row["run"], row["task"], row["name"], row["note"], row["created"], row["base"], edits)


def _draft(row: sqlite3.Row) -> Draft:
    edits, redo = _edits(row, "edits"), _edits(row, "redo")
    return Draft(row["id"], row["run"], row["task"], row["base"], edits, redo, row["revision"], row["updated"])


def _edits(row: sqlite3.Row, column: str) -> Edits:
    try:
        return tuple(checked(list[dict[str, Any]], parse_json(row[column])))
    except (Malformed, TypeError) as error:
        raise StoreDamaged(f"edits {row['id']}", f"they cannot be read ({error})", "Remove them") from error


class _File(Structure):
    """A scenario file's content; the edits are checked by whoever applies them."""

    format: Literal["plumage scenario 1"]
    data: dict[str, Any]
    task: int
    name: str
    note: str
    edits: list[dict[str, Any]]


def _parsed(data: bytes) -> _File:
    if len(data) > MAX_FILE:
        raise BadInput("this file", f"a scenario has at most {MAX_FILE // 2**20} MiB", "Choose a scenario file")
    try:
        return checked(_File, parse_json(data))
    except Malformed as error:
        raise BadInput(
            "this file", f"it is no scenario that Plumage exported ({error})", "Choose a scenario file"
        ) from error
