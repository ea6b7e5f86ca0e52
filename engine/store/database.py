"""The SQLite file behind the run store: its tables, its connections, and what its complaints mean.

Connections are opened for one operation and closed, so any thread may use the store and nothing stays open behind a
page. Write-ahead logging lets viewers read while a worker writes, and a killed process leaves no half transaction.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from engine.errors import StoreDamaged, StoreError, StoreTooNew
from engine.files import full, read_only, store_error
from engine.home import VARIABLE
from engine.store.schema import STEPS, VERSION
from engine.store.seals import seal

FILE = "plumage.db"
_SYNCHRONOUS = "NORMAL"  # the log is written through when it is merged; killed processes lose nothing with any mode
_PATIENCE = 20.0  # seconds to wait for another process's transaction
_NEARLY_FULL = 256 * 1024  # bytes free under which an I/O error means a full disk
_MOST_SEEN = 64
_HELD = threading.local()
"""Of this thread: `views`, connections that are held open, by path."""
_ANCHORED: dict[Path, tuple[int, int] | None] = {}
"""Databases that this process holds open for long, by path: which file it is."""
_SEEN: set[tuple[Path, int, int, int]] = set()
"""Databases whose tables were found to be Plumage's: path, inode, version, and SQLite's count of changes."""


class Database:
    """The database in `home`; made on first write.

    Args:
        home: the store's directory.
    """

    def __init__(self, home: Path) -> None:
        self.home = home
        self.path = home / FILE

    @contextlib.contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """A read-only connection inside one consistent view, or None where nothing was ever written.

        A store of an older Plumage is brought up to date first; where it may not be written, a copy of it is.

        Raises:
            StoreTooNew, StoreDamaged, StoreError: it cannot be read.
        """
        if (held := getattr(_HELD, "views", {}).get(self.path)) is not None:
            with self._translated():
                yield held
            return
        self._check_in_place()
        with self._translated():
            if not self.path.exists():
                yield None
                return
            with contextlib.closing(self._open_to_read()) as db:
                db.execute("BEGIN")
                if _is_blank(db):  # another process is just making it
                    yield None
                    return
                current = self._checked_version(db) == VERSION
                if current:
                    yield db
            if not current:
                with contextlib.closing(self._brought_up_to_date()) as db:
                    db.execute("BEGIN")
                    yield db

    @contextlib.contextmanager
    def one_moment(self) -> Iterator[None]:
        """Whatever this thread reads until the end comes through one connection and is of one moment: for who reads
        thousands of runs, and writes nothing meanwhile.

        Raises: as `reading`.
        """
        views = _HELD.__dict__.setdefault("views", {})
        with self.reading() as db:
            outermost = db is not None and self.path not in views
            if outermost:
                views[self.path] = db
            try:
                yield
            finally:
                if outermost:
                    del views[self.path]

    @contextlib.contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """A connection inside one transaction: committed at the end, undone by any exception.

        Raises:
            StoreReadOnly, StoreFull, StoreTooNew, StoreDamaged, StoreError: it cannot be written.
        """
        with self._translated(), contextlib.closing(self._open_to_write()) as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # some errors have already undone it
                    db.execute("ROLLBACK")
                raise

    @contextlib.contextmanager
    def kept_open(self) -> Iterator[None]:
        """Hold the file open: SQLite merges its log whenever the last connection closes, too dear for a busy worker.

        Until the end this process reads and writes no other file in its place: where the store is moved away, or
        another is put there, it gets a `StoreError`, and begins no new store.
        """
        with self._translated():
            anchor = self._open_to_write()
            outermost = _ANCHORED.setdefault(self.path, found := _identity(self.path)) is found
        try:
            yield
        finally:
            if outermost:
                del _ANCHORED[self.path]
            anchor.close()

    def _check_in_place(self) -> None:
        """Raises StoreError where the file that this process holds open lies here no more."""
        held = _ANCHORED.get(self.path)
        if held is not None and held != _identity(self.path):
            raise StoreError(
                f"run store {self.path}",
                "it was moved away or replaced while this process worked on it",
                "Go on from where it is now; what was finished is in there",
            )

    def _open_to_read(self) -> sqlite3.Connection:
        db = self._connect("mode=ro")
        try:
            db.execute("PRAGMA user_version").fetchone()
            return db
        except sqlite3.OperationalError:
            db.close()
            log = self.path.with_name(FILE + "-wal")
            if log.exists() and log.stat().st_size:
                raise  # what others wrote last is in there, and a lone look at the main file would miss it
        # A disk that is full or may not be written to has no room for SQLite's notes between processes. Whoever holds
        # the store open has made them long ago, so nobody does.
        return self._connect("mode=ro&immutable=1")

    def _brought_up_to_date(self) -> sqlite3.Connection:
        """An older store, or what it would be if it could be written."""
        try:
            self._open_to_write().close()
            return self._open_to_read()
        except (sqlite3.OperationalError, OSError):
            copy = self._with_seals(sqlite3.connect(":memory:", isolation_level=None))
            with contextlib.closing(self._open_to_read()) as db:
                db.backup(copy)
            _bring_up_to_date(copy, blank=False)
            return copy

    def _open_to_write(self) -> sqlite3.Connection:
        self._check_in_place()
        self.home.mkdir(parents=True, exist_ok=True)
        db = self._connect("mode=rwc")
        try:
            self._make_ready(db)
        except BaseException:
            db.close()
            raise
        return db

    def _connect(self, options: str) -> sqlite3.Connection:
        place = f"file:{quote(str(self.path))}?{options}"
        return self._with_seals(sqlite3.connect(place, uri=True, timeout=_PATIENCE, isolation_level=None))

    @staticmethod
    def _with_seals(db: sqlite3.Connection) -> sqlite3.Connection:
        db.row_factory = sqlite3.Row
        db.create_function("seal", -1, seal, deterministic=True)
        return db

    def _make_ready(self, db: sqlite3.Connection) -> None:
        db.execute("PRAGMA foreign_keys = ON")
        db.execute(f"PRAGMA synchronous = {_SYNCHRONOUS}")
        if _is_blank(db) or self._checked_version(db) < VERSION:
            with self._alone():
                _bring_up_to_date(db, blank=_is_blank(db))  # asked again: somebody may have been faster
        self._checked_version(db)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """One writer at a time makes the tables: SQLite does not wait for a second change of mode, it refuses."""
        fd = os.open(self.home, os.O_RDONLY)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX)
            yield
        finally:
            os.close(fd)

    def _checked_version(self, db: sqlite3.Connection) -> int:
        found = int(db.execute("PRAGMA user_version").fetchone()[0])
        if found > VERSION:
            raise StoreTooNew(
                f"run store {self.path}",
                f"it has version {found} and this Plumage reads up to {VERSION}",
                f"Use the newer Plumage, or set {VARIABLE} to another folder",
            )
        if found < 1 or not self._known_tables(db, found):
            raise self._damaged("it does not hold the tables of Plumage")
        return found

    def _known_tables(self, db: sqlite3.Connection, version: int) -> bool:
        """Whether all tables and triggers are there; looked at again whenever SQLite counts a change of them."""
        changes = db.execute("PRAGMA schema_version").fetchone()[0]
        seen = (self.path, self.path.stat().st_ino, version, changes)
        if seen not in _SEEN and expected(version) <= _described(db):
            if len(_SEEN) >= _MOST_SEEN:
                _SEEN.clear()
            _SEEN.add(seen)
        return seen in _SEEN

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            raise self._operational(str(error)) from error
        except (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.InterfaceError):
            raise  # a bug of ours, not of the file
        except (sqlite3.DatabaseError, UnicodeDecodeError, OverflowError) as error:  # text or numbers that are none
            raise self._damaged(str(error)) from error
        except OSError as error:
            raise store_error(f"run store {self.home}", error) from error

    def _operational(self, message: str) -> StoreError:
        if "no such" in message or "malformed" in message:
            return self._damaged(message)
        if "full" in message or (_nearly_full(self.home) and ("I/O" in message or "unable to open" in message)):
            return full(f"run store {self.home}")
        if "readonly" in message or "unable to open" in message or not os.access(self.home, os.W_OK):
            return read_only(f"run store {self.home}")
        if "locked" in message:
            return StoreError(f"run store {self.path}", "another process holds it", "Try again when that one is done")
        return StoreError(f"run store {self.path}", message, "Check the disk, or run python -m engine doctor")

    def _damaged(self, reason: str) -> StoreDamaged:
        return StoreDamaged(
            f"run store {self.path}",
            f"the database is damaged ({reason}); the snapshots in {self.home / 'runs'} are untouched",
            f"Put a backup in its place, or move it away (mv {FILE} {FILE}.damaged) to start with an empty list",
        )


def _bring_up_to_date(db: sqlite3.Connection, blank: bool) -> None:
    """Make the tables, or those that an older Plumage did not know yet, in one transaction."""
    if blank:
        db.execute("PRAGMA journal_mode = WAL")
    db.execute("BEGIN IMMEDIATE")
    found = int(db.execute("PRAGMA user_version").fetchone()[0])
    for statement in (statement for step in STEPS[found:] for statement in step):
        db.execute(statement)
    db.execute(f"PRAGMA user_version = {VERSION}")
    db.execute("COMMIT")


@functools.lru_cache
def expected(version: int) -> frozenset[tuple[str, str, str]]:
    """Tables, indices and triggers of a version of the store, as SQLite describes them."""
    with contextlib.closing(sqlite3.connect(":memory:")) as db:
        db.create_function("seal", -1, seal, deterministic=True)
        for statement in (statement for step in STEPS[:version] for statement in step):
            db.execute(statement)
        return _described(db)


def _described(db: sqlite3.Connection) -> frozenset[tuple[str, str, str]]:
    rows = db.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'").fetchall()
    return frozenset(tuple(row) for row in rows)


def _is_blank(db: sqlite3.Connection) -> bool:
    """Whether the file holds nothing yet, neither of ours nor of anybody else."""
    return not db.execute("SELECT COUNT(*) FROM sqlite_master").fetchone()[0]


def _identity(path: Path) -> tuple[int, int] | None:
    """What file lies at a path, whatever it is called; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _nearly_full(place: Path) -> bool:
    try:
        return shutil.disk_usage(place).free < _NEARLY_FULL
    except OSError:
        return False
