"""The shelf of runs: stars, notes and tags of theirs, and the bin for those that were removed.

A removed run keeps everything and leaves every list; it can be put back until the bin is emptied.
"""

from __future__ import annotations

import shutil
import sqlite3
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from engine.array_types import Floats
from engine.errors import BadParameter, NotApplicable, UnknownRun
from engine.files import freed
from engine.metrics.accuracy import accuracy_matrix
from engine.records.arrays import unpack
from engine.store import jobs
from engine.store.seals import whole
from engine.store.states import LIVE
from engine.store.store import MAX_NAME, RunStore
from engine.store.summary import RunSummary, shelved, summaries

MAX_NOTE = 2000
"""Characters of a run's note."""
MAX_TAG, MAX_TAGS = 40, 20
"""Characters of a tag, and tags of a run."""
_BINNED = "SELECT runs.* FROM runs JOIN shelf ON shelf.run = runs.id WHERE shelf.removed IS NOT NULL"


@dataclass(frozen=True, slots=True)
class ShelfEntry:
    """A run on the shelf or in the bin.

    Attributes:
        run: its summary.
        starred: whether it is marked as worth keeping.
        note: what its owner wrote about it; any text, so escape it.
        removed: when it was put into the bin, unix time in seconds, or None where it is on the shelf.
        imported: where it came from, or nothing where it was trained here.
        tags: words its owner put on it, sorted; any text, so escape them.
    """

    run: RunSummary
    starred: bool
    note: str
    removed: float | None
    imported: str
    tags: tuple[str, ...] = ()

    @property
    def live(self) -> bool:
        """Whether a worker holds it."""
        return self.run.status in LIVE


class Shelf:
    """Stars, notes, names, tags and the bin of a store. Every change is one transaction."""

    def __init__(self, store: RunStore) -> None:
        self._store = store

    # -- reading -------------------------------------------------------------------------------------------------------

    def entries(self) -> list[ShelfEntry]:
        """What stands on the shelf, the newest first."""
        return [entry for entry in self._all() if entry.removed is None]

    def bin(self) -> list[ShelfEntry]:
        """What lies in the bin, the last removed first."""
        gone = [entry for entry in self._all() if entry.removed is not None]
        return sorted(gone, key=lambda entry: -(entry.removed or 0.0))

    def bin_bytes(self) -> int:
        """What emptying the bin would free: files that a fork shares with a run that stays are not counted."""
        return self.bytes_of([entry.run.id for entry in self.bin()])

    def bytes_of(self, run_ids: Iterable[str]) -> int:
        """What deleting runs would free: files that a fork shares with a run that stays are not counted."""
        folders = [self._store.folder(run) for run in run_ids]
        return freed(path for folder in folders for path in folder.rglob("*"))

    def matrices(self, runs: Sequence[RunSummary]) -> dict[str, Floats]:
        """The accuracy matrix of each run on the ordinary test images, as `RunView.accuracy`, in one query.

        A run whose numbers cannot be decoded has none: it must not hide the others.
        """
        marks = ", ".join("?" * len(runs))
        query = (
            f"SELECT * FROM metrics WHERE split = 'test' AND name = 'class_il' AND run IN ({marks}) ORDER BY run, task"
        )
        with self._store.database.reading() as db:
            found = db.execute(query, [run.id for run in runs]).fetchall() if db else []
        rows: dict[str, list[bytes]] = {run.id: [] for run in runs}
        for row in found:
            rows[row["run"]].append(row["data"] if whole("metrics", row) else b"")
        matrices = {run.id: _matrix(tuple(rows[run.id]), run.tasks_total or 0) for run in runs}
        return {run: matrix for run, matrix in matrices.items() if matrix is not None}

    # -- changing ------------------------------------------------------------------------------------------------------

    def star(self, run_id: str, starred: bool = True) -> None:
        """Mark a run, or take the mark away.

        Raises:
            UnknownRun: there is no such run.
        """
        with self._store.database.writing() as db:
            _put(db, run_id, "starred", int(starred))

    def note(self, run_id: str, text: str) -> None:
        """Write about a run; an empty text takes the note away.

        Raises:
            UnknownRun: there is no such run.
            BadParameter: the text is too long.
        """
        kept = _within(text, MAX_NOTE, "note")
        with self._store.database.writing() as db:
            _put(db, run_id, "note", kept)

    def rename(self, run_id: str, name: str) -> None:
        """Call a run something else; an empty name leaves it its id.

        Raises:
            UnknownRun: there is no such run.
            BadParameter: the name is too long.
        """
        kept = _within(name, MAX_NAME, "name")
        with self._store.database.writing() as db:
            _call(db, run_id, kept)

    def describe(self, run_id: str, name: str, note: str, tags: Iterable[str]) -> None:
        """Name, note and tags together, all or none. Raises as `note`, `rename` and `tag`."""
        name, note, kept = _within(name, MAX_NAME, "name"), _within(note, MAX_NOTE, "note"), _tags(tags)
        with self._store.database.writing() as db:
            _call(db, run_id, name)
            _put(db, run_id, "note", note)
            _retag(db, run_id, kept)

    def tag(self, tags: Mapping[str, Iterable[str]]) -> None:
        """Give runs these tags, by the run's id, in place of those they have; all of them or none.

        Raises:
            UnknownRun: one of the runs is not there.
            BadParameter: a tag is empty or too long, or a run would have too many.
        """
        wanted = {run: _tags(given) for run, given in tags.items()}
        with self._store.database.writing() as db:
            for run, kept in wanted.items():
                _retag(db, run, kept)

    def remove(self, *run_ids: str) -> None:
        """Put runs into the bin, all of them or none.

        Raises:
            UnknownRun: one is not there.
            NotApplicable: a worker holds one.
        """
        with self._store.database.writing() as db:
            trainings = jobs.trainings(db)
            for run in run_ids:
                _known(db, run)
                if run in trainings and trainings[run].live:
                    now = f"it is {trainings[run].status}"
                    raise NotApplicable(f"run {run}", now, "Stop it first, then remove it")
                _put(db, run, "removed", time.time())

    def restore(self, *run_ids: str) -> None:
        """Take runs out of the bin, all of them or none.

        Raises:
            UnknownRun: one is not there.
        """
        with self._store.database.writing() as db:
            for run in run_ids:
                _put(db, run, "removed", None)

    def empty_bin(self) -> int:
        """Delete what lies in the bin, for good, and return how many runs that were.

        A run that somebody resumed meanwhile stays.
        """
        with self._store.database.writing() as db:
            live = {job.subject for job in jobs.trainings(db).values() if job.live}
            gone = [row["id"] for row in db.execute(_BINNED).fetchall() if row["id"] not in live]
            db.executemany("DELETE FROM runs WHERE id = ?", [(run,) for run in gone])
        for run in gone:
            shutil.rmtree(self._store.folder(run), ignore_errors=True)
        return len(gone)

    # -- internals -----------------------------------------------------------------------------------------------------

    def _all(self) -> list[ShelfEntry]:
        with self._store.database.reading() as db:
            if db is None:
                return []
            said, tags = shelved(db), tags_of(db)
            return [_entry(run, said.get(run.id), tags.get(run.id, ())) for run in summaries(db)]


def tags_of(db: sqlite3.Connection) -> dict[str, tuple[str, ...]]:
    """The tags of every run that has any, sorted; one that is damaged is left out, and hides no other."""
    found: dict[str, tuple[str, ...]] = {}
    for row in db.execute("SELECT * FROM tags ORDER BY run, tag").fetchall():
        if whole("tags", row):
            found[row["run"]] = (*found.get(row["run"], ()), row["tag"])
    return found


def _entry(run: RunSummary, said: sqlite3.Row | None, tags: tuple[str, ...]) -> ShelfEntry:
    if said is None:
        return ShelfEntry(run, False, "", None, "", tags)
    return ShelfEntry(run, bool(said["starred"]), said["note"], said["removed"], said["imported"], tags)


def _known(db: sqlite3.Connection, run_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute("SELECT * FROM runs WHERE id = ?", (run_id,)).fetchone()
    if row is None:
        raise UnknownRun(f"run {run_id!r}", "the shelf has no such run", "Reload the page to see what there is")
    return row


def _put(db: sqlite3.Connection, run_id: str, column: str, value: object) -> None:
    _known(db, run_id)
    db.execute(
        f"INSERT INTO shelf (run, {column}) VALUES (?, ?) ON CONFLICT (run) DO UPDATE SET {column} = excluded.{column}",
        (run_id, value),
    )


def _call(db: sqlite3.Connection, run_id: str, name: str) -> None:
    _known(db, run_id)
    db.execute("UPDATE runs SET name = ? WHERE id = ?", (" ".join(name.split()), run_id))


def _retag(db: sqlite3.Connection, run_id: str, tags: Sequence[str]) -> None:
    _known(db, run_id)
    db.execute("DELETE FROM tags WHERE run = ?", (run_id,))
    db.executemany("INSERT INTO tags (run, tag) VALUES (?, ?)", [(run_id, tag) for tag in tags])


def _within(text: str, most: int, what: str) -> str:
    kept = text.strip()
    if len(kept) > most:
        raise BadParameter(
            f"a {what} of {len(kept)} characters", f"a {what} has at most {most}", "Say it in fewer words"
        )
    return kept


def _tags(given: Iterable[str]) -> list[str]:
    """Tags as they are kept: single spaces, each once, sorted."""
    kept = sorted({" ".join(tag.split()) for tag in given})
    if not all(1 <= len(tag) <= MAX_TAG for tag in kept) or len(kept) > MAX_TAGS:
        longest = max(kept, key=len)[:MAX_TAG]
        allowed = f"a tag has 1 to {MAX_TAG} characters, and a run at most {MAX_TAGS} tags"
        raise BadParameter(f"{len(kept)} tags, “{longest}” among them", allowed, "Use fewer or shorter ones")
    return kept


@lru_cache(maxsize=1024)
def _matrix(rows: tuple[bytes, ...], tasks: int) -> Floats | None:
    """Kept, since all runs of the shelf are asked about at once: decoding costs more than all the rest."""
    try:
        found = accuracy_matrix([np.asarray(unpack(row), np.float64) for row in rows], max(tasks, len(rows)))
    except ValueError:
        return None
    found.flags.writeable = False
    return found
