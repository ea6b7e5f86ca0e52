"""What people say that pictures show: of one picture and one concept, whether it is true. No torch here.

Each saying is a row of its own, and the newest of a picture and a concept is what holds; so a second answer does not
overwrite the first, and undoing takes the newest away. A mark names the picture by split and row and by the digest of
its bytes, so that it is never taken for one of other bytes.
"""

from __future__ import annotations

import re
import sqlite3
import time
from dataclasses import dataclass

from engine.errors import BadInput, StoreDamaged
from engine.store.rows import add
from engine.store.seals import Value, read, whole
from engine.store.store import RunStore

MOST = 20_000
"""Sayings that are kept of a run."""
REMEDY = "On Concepts, Mark, drop what is damaged, and mark that picture again"
"""How to go on where a mark is damaged."""
MAX_CONCEPT = 200
"""Characters of a concept's words."""
_PICTURE = re.compile(r"[a-z]{1,16}:[0-9]{1,15}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Mark:
    """What somebody said.

    Attributes:
        id: the store's number for it; later ones are larger.
        picture: the picture's name (`test:123`, see `engine.session.subjects`).
        digest: hex sha256 of its bytes.
        concept: the concept's words; any text, so escape it.
        present: whether it is true of the picture; None: what was said before was taken back.
        marked: when, unix time in seconds.
    """

    id: int
    picture: str
    digest: str
    concept: str
    present: bool | None
    marked: float


class PictureMarks:
    """The marks of a store. Cheap to make; may be used from any thread."""

    def __init__(self, store: RunStore) -> None:
        self._store = store

    def all(self, run: str) -> tuple[Mark, ...]:
        """What holds, one of each picture and concept, the oldest first.

        Raises:
            StoreDamaged: one is not as it was written.
        """
        newest = {(mark.picture, mark.concept): mark for mark in self._read("WHERE run = ? ORDER BY id", run)}
        return tuple(sorted((m for m in newest.values() if m.present is not None), key=lambda mark: mark.id))

    def last(self, run: str) -> Mark | None:
        """What was said last, or None where nothing was.

        Raises:
            StoreDamaged: it is not as it was written.
        """
        return next(iter(self._read("WHERE run = ? ORDER BY id DESC LIMIT 1", run)), None)

    def mark(self, run: str, picture: str, digest: str, concept: str, present: bool) -> None:
        """Say whether a concept is true of a picture; to say what holds already leaves no row.

        Raises:
            BadInput: something names no picture, no bytes or no concept; or as many are kept as may be.
            UnknownRun: there is no such run (any more).
            StoreDamaged: what was said of it before is not as it was written.
        """
        self._say(run, picture, digest, concept, present)

    def unmark(self, run: str, picture: str, digest: str, concept: str) -> None:
        """Say nothing of a concept on a picture any longer. Raises as `mark`."""
        self._say(run, picture, digest, concept, None)

    def undo(self, run: str, number: int) -> None:
        """Take back one saying by its number: what was said before it of the same picture and concept holds again.

        Raises:
            BadInput: it is gone; another tab was faster.
            UnknownRun: there is no such run (any more).
        """
        with self._store.writing(run) as db:
            gone = db.execute("DELETE FROM marks WHERE run = ? AND id = ?", (run, number)).rowcount
        if not gone:
            raise BadInput(f"mark {number}", "it was taken back already, in another tab", "Look at what is marked now")

    def drop_damaged(self, run: str) -> int:
        """Forget every saying that is not as it was written, and return how many there were.

        Raises:
            UnknownRun: there is no such run (any more).
        """
        with self._store.writing(run) as db:
            rows = db.execute("SELECT * FROM marks WHERE run = ?", (run,)).fetchall()
            gone = [(row["id"],) for row in rows if not whole("marks", row)]
            db.executemany("DELETE FROM marks WHERE id = ?", gone)
        return len(gone)

    # -- internals -----------------------------------------------------------------------------------------------------

    def _say(self, run: str, picture: str, digest: str, concept: str, present: bool | None) -> None:
        check(picture, digest, concept)
        with self._store.writing(run) as db:  # one look and one row: of two tabs the second sees the first
            where = "WHERE run = ? AND picture = ? AND concept = ? ORDER BY id DESC LIMIT 1"
            before = [mark_of(row) for row in read(db, "marks", where, run, picture, concept)]
            if [(mark.digest, mark.present) for mark in before] == [(digest, present)]:
                return
            if not before and present is None:
                return
            if db.execute("SELECT COUNT(*) FROM marks WHERE run = ?", (run,)).fetchone()[0] >= MOST:
                raise BadInput("one mark more", f"a run keeps at most {MOST:,}", "Fork the run, or undo some")
            add(db, "marks", {"run": run, **columns(picture, digest, concept, present, time.time())})

    def _read(self, rest: str, *values: Value) -> list[Mark]:
        with self._store.database.reading() as db:
            return [mark_of(row) for row in read(db, "marks", rest, *values)] if db else []


def check(picture: str, digest: str, concept: str) -> None:
    """Check what a mark names.

    Raises:
        BadInput: it names no picture, no bytes or no concept.
    """
    if not _PICTURE.fullmatch(picture):
        raise BadInput(f"picture {picture[:40]!r}", "a picture is named SPLIT:NUMBER", "Mark a picture of the run")
    if not _DIGEST.fullmatch(digest):
        raise BadInput(f"digest {digest[:70]!r}", "it is a SHA-256 in 64 hex digits", "Mark a picture of the run")
    if not 1 <= len(concept) <= MAX_CONCEPT:
        raise BadInput(f"concept {concept[:40]!r}", f"it has 1 to {MAX_CONCEPT} characters", "Mark one of the run's")


def columns(picture: str, digest: str, concept: str, present: bool | None, marked: float) -> dict[str, Value]:
    """A mark as the store's table holds it, but for its number and its run."""
    said = None if present is None else int(present)
    return {"picture": picture, "digest": digest, "concept": concept, "present": said, "marked": marked}


def mark_of(row: sqlite3.Row) -> Mark:
    """A row of the table.

    Raises:
        StoreDamaged: it is none that was ever written.
    """
    said = {None: None, 0: False, 1: True}
    try:
        check(row["picture"], row["digest"], row["concept"])
        return Mark(row["id"], row["picture"], row["digest"], row["concept"], said[row["present"]], row["marked"])
    except (BadInput, KeyError, TypeError) as error:
        raise StoreDamaged(f"mark {row['id']}", f"it cannot be read ({error})", REMEDY) from error
