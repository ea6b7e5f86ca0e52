"""Everything that is stored, gone through: what is whole, what is damaged, and how to get it back. No torch here.

Rows are compared with their seals and read as whoever shows them would; model files are compared with their digests and
with each other; what one thing says of another is looked up. Nothing is changed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.backbone.presets import identify
from engine.errors import PlumageError, StoreDamaged
from engine.home import runs_folder
from engine.model.chain import check_chain
from engine.records.arrays import unpack, unpack_all
from engine.records.events import event_from_mapping
from engine.records.watched import MOST_BYTES
from engine.runs.task_backbones import changes_backbone, spec_after
from engine.runs.watch import WatchSettings
from engine.store.jobs import TRAINING
from engine.store.marks import REMEDY as MARK_AGAIN
from engine.store.marks import mark_of
from engine.store.seals import damaged, whole
from engine.store.store import RunStore
from engine.store.summary import stored_config
from engine.structures import Malformed, checked, parse_json

_AGAIN = "Train it again: equal configs give equal weights. Or bring it in from an archive"
_FORK = "Fork it after an earlier task, which computes the later ones again; or bring it in from an archive"
_REMEDIES = {
    "runs": "Delete it, or bring it in from an archive; its model files are still there",
    "tasks": _FORK,
    "metrics": _FORK,
    "events": "Only its loss curves are lost; training it again brings them back",
    "analyses": "Ask for it again on its page, or with python -m engine analyse, and it is computed anew",
    "results": "Ask for it again on its page, or with python -m engine analyse, and it is computed anew",
    "scenarios": "Remove it; edits cannot be computed again, but an exported file of them can be imported",
    "drafts": "Drop it; edits cannot be computed again",
    "shelf": "Write its note anew, and set its star",
    "watching": "Choose anew what is watched; what was seen is safe",
    "pins": "Pin it anew; what was seen is safe",
    "beats": "The other moments of its film are whole; training it again brings this one back",
    "tags": "Tag the run anew",
    "dropped": "Thin the run again: python -m engine thin",
    "selections": "Choose the pictures again; what became of them is safe",
    "marks": MARK_AGAIN,
    "jobs": "What it made is safe; a damaged training cannot go on: fork its run, or bring it in from an archive",
}
_QUERIES = {
    **{table: f"SELECT * FROM {table} WHERE run = ?" for table in _REMEDIES if table not in ("runs", "results")},
    "runs": "SELECT * FROM runs WHERE id = ?",
    "results": "SELECT results.* FROM results JOIN analyses ON analyses.id = analysis WHERE run = ?",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is not whole.

    Attributes:
        place: what it is, as its owner would recognise it.
        what: what is the matter.
        remedy: how to get it back, or what is left without it.
    """

    place: str
    what: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Checked:
    """One run, gone through.

    Attributes:
        run: its id; empty for what belongs to no run.
        rows, files: how many were looked at.
        unsealed: how many of its model files an older Plumage wrote, which are compared with themselves only.
        troubles: what is not whole.
    """

    run: str
    rows: int
    files: int
    unsealed: int
    troubles: tuple[Trouble, ...]


def check(store: RunStore, run: str | None = None) -> Iterator[Checked]:
    """Go through a store, or one run of it; yields the store itself first, then run by run.

    Raises:
        StoreError: the database cannot be read at all.
    """
    with store.database.reading() as db:
        if db is None:
            return
        ids = [str(row[0]) for row in db.execute("SELECT id FROM runs ORDER BY rowid")]
        yield Checked("", 0, 0, 0, tuple(_whole_store(db, store, ids)))
        for known in ids if run is None else [run]:
            yield _run(db, store, known, frozenset(ids))


_KINDS: dict[str, Callable[[sqlite3.Row], object]] = {
    "runs": lambda row: (stored_config(row), row["setup"] and event_from_mapping(_mapping(row["setup"]))),
    "metrics": lambda row: unpack(row["data"]),
    "results": lambda row: unpack(row["data"]),
    "events": lambda row: event_from_mapping(_mapping(row["body"])),
    "analyses": lambda row: _mapping(row["settings"]),
    "scenarios": lambda row: checked(list[dict[str, object]], parse_json(row["edits"])),
    "drafts": lambda row: checked(list[dict[str, object]], parse_json(row["edits"])),
    "jobs": lambda row: _mapping(row["arguments"]),
    "watching": lambda row: WatchSettings.from_mapping(_mapping(row["settings"])),
    "beats": lambda row: unpack_all(row["data"], MOST_BYTES),
    "selections": lambda row: checked(list[str], parse_json(row["pictures"])),
    "marks": mark_of,
}
"""How each table's rows are read by whoever shows them."""


def _whole_store(db: sqlite3.Connection, store: RunStore, ids: list[str]) -> Iterator[Trouble]:
    place = f"run store {store.database.path}"
    for row in db.execute("PRAGMA integrity_check").fetchall():
        if row[0] != "ok":
            yield Trouble(place, str(row[0]), "Put a backup in its place, or export the runs that are whole")
    for row in db.execute("PRAGMA foreign_key_check").fetchall():
        yield Trouble(f"{row[0]}, row {row[1]}", f"it belongs to a row of {row[2]} that is gone", "Nothing shows it")
    for row in db.execute("SELECT * FROM jobs WHERE run IS NULL").fetchall():
        if trouble := _row("jobs", row):
            yield trouble
    folder = runs_folder(store.home)
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.name not in ids and not path.name.startswith("."):
            yield Trouble(str(path), "it belongs to no run", "Delete it, if no other store is meant to have it")


def _run(db: sqlite3.Connection, store: RunStore, run: str, ids: frozenset[str]) -> Checked:
    rows, troubles = 0, list[Trouble]()
    for table, query in _QUERIES.items():
        found = db.execute(query, (run,)).fetchall()
        rows += len(found)
        troubles += [trouble for row in found if (trouble := _row(table, row))]
        if table == "tasks" and [row["task"] for row in found] != [*range(len(found))]:
            troubles.append(Trouble(f"run {run}", "one of its tasks is missing", _FORK))
    tasks = db.execute("SELECT * FROM tasks WHERE run = ? ORDER BY task", (run,)).fetchall()
    troubles += _missing_metrics(db, run)
    dropped = _said_dropped(db, run, tasks)
    for task in tasks:
        troubles += _files(store, run, task, dropped)
    row = db.execute("SELECT * FROM runs WHERE id = ?", (run,)).fetchone()
    if not db.execute("SELECT 1 FROM jobs WHERE kind = ? AND subject = ?", (TRAINING, run)).fetchone():
        troubles.append(Trouble(f"run {run}", "nothing is stored of its training", _REMEDIES["jobs"]))
    if row["parent"] and row["parent"] not in ids:
        gone = "the run it was forked from is gone"
        troubles.append(Trouble(f"run {run}", gone, "It has its own copy of everything; nothing is lost"))
    unsealed = sum(not task["snapshot"] for task in tasks)
    return Checked(run, rows, 2 * len(tasks) - len(dropped), unsealed, tuple(troubles))


def _row(table: str, row: sqlite3.Row) -> Trouble | None:
    if not whole(table, row):
        problem = damaged(table, row)
        return Trouble(problem.given, problem.allowed, _REMEDIES[table])
    try:
        _KINDS.get(table, bool)(row)
    except (PlumageError, ValueError, TypeError) as error:
        return Trouble(damaged(table, row).given, f"it cannot be read ({error})", _REMEDIES[table])
    return None


def _missing_metrics(db: sqlite3.Connection, run: str) -> Iterator[Trouble]:
    """A metric that some finished tasks have and others lack."""
    done = db.execute("SELECT COUNT(*) FROM tasks WHERE run = ?", (run,)).fetchone()[0]
    query = "SELECT split, name, COUNT(*) AS known FROM metrics WHERE run = ? GROUP BY split, name"
    for row in db.execute(query, (run,)).fetchall():
        if row["known"] != done:
            of = f"{row['name']} on {row['split']} images" if row["split"] else row["name"]
            yield Trouble(f"run {run}", f"{of} is there after {row['known']} of its {done} tasks", _FORK)


def _said_dropped(db: sqlite3.Connection, run: str, tasks: Sequence[sqlite3.Row]) -> dict[int, str]:
    """Digests of the models that were dropped on request, by task, as rows say that are whole."""
    found = db.execute("SELECT * FROM dropped WHERE run = ?", (run,)).fetchall()
    said = {row["task"] for row in found if whole("dropped", row)}
    return {row["task"]: row["snapshot"] for row in tasks if row["task"] in said}


def _files(store: RunStore, run: str, task: sqlite3.Row, dropped: Mapping[int, str]) -> Iterator[Trouble]:
    """Of the files of a task and, with the model that comes after them, of those whose models were dropped."""
    number, folder = int(task["task"]), store.snapshots(run)
    try:
        if number not in dropped:
            check_chain(folder, number, task["snapshot"], dropped)
    except StoreDamaged as problem:
        remedy = _FORK if number and not dropped else _AGAIN  # a thinned run cannot be forked
        yield Trouble(_short(problem.given, store), problem.allowed.partition(";")[0], remedy)
    if task["tower"]:
        yield from _tower(store, run, task)


def _tower(store: RunStore, run: str, task: sqlite3.Row) -> Iterator[Trouble]:
    try:
        config = stored_config(store.row(run))
        found = identify(spec_after(store.folder(run), config, task["task"])) if changes_backbone(config) else None
    except PlumageError as problem:
        yield Trouble(_short(problem.given, store), problem.allowed, _AGAIN)
        return
    if found is None or found.digest != task["tower"]:
        yield Trouble(f"run {run}, task {task['task'] + 1}", "its backbone is not the one that was hardened", _AGAIN)


def _mapping(text: str) -> dict[str, object]:
    found = parse_json(text, finite=False)
    if not isinstance(found, dict):
        raise Malformed("it is no JSON object")
    return found


def _short(place: str, store: RunStore) -> str:
    """A path as seen from the store."""
    return str(Path(place).relative_to(store.home)) if place.startswith(str(store.home)) else place
