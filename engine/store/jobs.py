"""The rows of jobs, whatever their kind: what was asked for, its process, how far it is, how it ended. No torch here.

Functions of one connection. A job is named by its kind and its subject, so asking twice finds the same row, and keeps
its log; who has ended is asked for again in place.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from engine.device import machine
from engine.errors import NotApplicable, StoreDamaged
from engine.store.liveness import alive
from engine.store.seals import damaged, read, whole
from engine.store.states import FINISHED, INTERRUPTED, LIVE, PAUSED, QUEUED, RUNNING, STOPPED, may_follow
from engine.structures import Malformed, checked, parse_json

TRAINING = "training"
"""The kind whose subject is a run: its state is the run's."""
_REMEDY = "See python -m engine doctor --check"


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work that outlasts who asked for it.

    Attributes:
        id: its number in this store; names its folder.
        kind, subject: what it is called together; see `engine.jobs.kinds`.
        run: the run it is about, or None.
        arguments: what its kind needs to do it; a JSON object.
        status: one of `engine.store.states`, as it truly is.
        error: why it failed or what its result lacks, for people, or None.
        wanted: what was asked of its process last: run, pause, step or stop.
        pid, pid_mark: its process, or None while it has none (see `engine.store.liveness`).
        created, asked: when it was asked for first and last, unix time in seconds.
        looked_at: when a page last said that somebody waits for it.
        done, total: steps; the total is 0 until it is known.
        word: what is being done.
        base, since: steps that were done when the present count of them began, and when that was.
        began, ended: when its process began and ended last, unix time in seconds, or None.
        seconds: how long it took, once finished.
        machine: where it was asked for.
        made: what came out: a path, a run's id, or nothing.
    """

    id: int
    kind: str
    subject: str
    run: str | None
    arguments: Mapping[str, Any]
    status: str
    error: str | None
    wanted: str
    pid: int | None
    pid_mark: str | None
    created: float
    asked: float
    looked_at: float
    done: int
    total: int
    word: str
    base: int
    since: float | None
    began: float | None
    ended: float | None
    seconds: float | None
    machine: str
    made: str

    @property
    def share(self) -> float | None:
        """How much is done, 0..1, or None while nobody can tell."""
        return min(self.done / self.total, 1.0) if self.total else None

    @property
    def seconds_left(self) -> float | None:
        """An estimate, or None while nobody can tell."""
        if self.status != RUNNING or not self.since or not self.base < self.done <= self.total:
            return None
        return (time.time() - self.since) / (self.done - self.base) * (self.total - self.done)

    @property
    def live(self) -> bool:
        """Whether a process has it, or will."""
        return self.status in LIVE

    @property
    def stopping(self) -> bool:
        """It was asked to stop and has not ended yet."""
        return self.live and self.wanted == "stop"


# -- reading -----------------------------------------------------------------------------------------------------------


def find(db: sqlite3.Connection, kind: str, subject: str) -> Job | None:
    """The job of this name, or None if it was never asked for. Raises StoreDamaged."""
    rows = read(db, "jobs", "WHERE kind = ? AND subject = ?", kind, subject)
    return _job(rows[0]) if rows else None


def get(db: sqlite3.Connection, number: int) -> Job:
    """The job of this number.

    Raises:
        NotApplicable: there is none (any more).
        StoreDamaged: it is not as it was written.
    """
    rows = read(db, "jobs", "WHERE id = ?", number)
    if not rows:
        raise NotApplicable(f"job {number}", "it is gone", "Ask for it again")
    return _job(rows[0])


def of_kind(db: sqlite3.Connection, kind: str, run: str | None = None) -> list[Job]:
    """All jobs of a kind, or those about one run, the last asked for first; damaged ones are left out."""
    query = "SELECT * FROM jobs WHERE kind = ? AND (? IS NULL OR run = ?) ORDER BY asked DESC, id DESC"
    return _whole(db.execute(query, (kind, run, run)).fetchall())


def live(db: sqlite3.Connection) -> list[Job]:
    """Every job that works, waits or is paused, the first asked for first; damaged ones are left out."""
    marks = ", ".join("?" * len(LIVE))
    rows = db.execute(f"SELECT * FROM jobs WHERE status IN ({marks}) ORDER BY asked, id", sorted(LIVE)).fetchall()
    return [job for job in _whole(rows) if job.live]


def ended(db: sqlite3.Connection, since: float) -> list[Job]:
    """Jobs but trainings that are not live any more and were at work since a moment, the first asked for first."""
    query = "SELECT * FROM jobs WHERE heartbeat > ? AND kind <> ? ORDER BY asked, id"
    rows = db.execute(query, (since, TRAINING)).fetchall()
    return [job for job in _whole(rows) if not job.live]


def numbers(db: sqlite3.Connection) -> set[int]:
    """The number of every job, of damaged ones too."""
    return {row["id"] for row in db.execute("SELECT id FROM jobs")}


def trainings(db: sqlite3.Connection) -> dict[str, Job]:
    """The training of every run, by the run's id; damaged ones are left out."""
    return {job.subject: job for job in of_kind(db, TRAINING)}


# -- asking ------------------------------------------------------------------------------------------------------------


def ask(
    db: sqlite3.Connection,
    kind: str,
    subject: str,
    arguments: Mapping[str, Any],
    run: str | None = None,
    status: str = QUEUED,
    wanted: str = "run",
) -> int:
    """Ask for a job, or ask again where it has ended; returns its number.

    Args:
        status: `RUNNING` where the caller does it itself, at once.

    Raises:
        NotApplicable: it is at work or waits already.
    """
    before, now = _unchecked(db, kind, subject), time.time()
    if before is not None and before.live and not (before.status == QUEUED and status == RUNNING):
        raise NotApplicable(f"{kind} {subject}", f"it is {before.status}", "Wait for it, or stop it first")
    values = (run, json.dumps(dict(arguments)), status, wanted, now, now, machine(), kind, subject)
    if before is None:
        names = "run, arguments, status, wanted, heartbeat, asked, machine, kind, subject, created"
        query = f"INSERT INTO jobs ({names}) VALUES ({', '.join('?' * len(names.split(', ')))})"
        return int(db.execute(query, (*values, now)).lastrowid or 0)
    anew = ", ".join(f"{name} = NULL" for name in ("error", "pid", "pid_mark", "began", "ended", "since", "seconds"))
    given = "run = ?, arguments = ?, status = ?, wanted = ?, heartbeat = ?, asked = ?, machine = ?"
    query = f"UPDATE jobs SET {given}, {anew}, done = 0, total = 0, word = '', made = '' WHERE kind = ? AND subject = ?"
    db.execute(query, values)
    return before.id


def give(db: sqlite3.Connection, number: int, arguments: Mapping[str, Any]) -> None:
    """Its arguments, where they name its number."""
    db.execute("UPDATE jobs SET arguments = ? WHERE id = ?", (json.dumps(dict(arguments)), number))


def record(db: sqlite3.Connection, kind: str, subject: str, run: str, status: str, error: str | None) -> None:
    """One that ended elsewhere."""
    number = ask(db, kind, subject, {}, run, RUNNING)
    query = "UPDATE jobs SET status = ?, error = ?, heartbeat = 0, ended = asked WHERE id = ?"
    db.execute(query, (status, error, number))


def want(db: sqlite3.Connection, job: Job, wanted: str) -> None:
    """Ask its process to `"run"`, `"pause"`, do one `"step"` or `"stop"`."""
    db.execute("UPDATE jobs SET wanted = ? WHERE id = ?", (wanted, job.id))


def look(db: sqlite3.Connection, job: Job) -> None:
    """Somebody waits for it just now."""
    db.execute("UPDATE jobs SET looked_at = ? WHERE id = ?", (time.time(), job.id))


def drop(db: sqlite3.Connection, kind: str, subject: str) -> None:
    """Forget a job."""
    db.execute("DELETE FROM jobs WHERE kind = ? AND subject = ?", (kind, subject))


# -- its process -------------------------------------------------------------------------------------------------------


def take_place(db: sqlite3.Connection, job: Job) -> None:
    """It has a place from now on, and its process is just being started."""
    query = "UPDATE jobs SET status = ?, heartbeat = ?, pid = NULL, pid_mark = NULL WHERE id = ?"
    db.execute(query, (RUNNING, time.time(), job.id))


def started(db: sqlite3.Connection, number: int, pid: int, mark: str) -> None:
    """Note the process that was started for it, unless it has spoken for itself."""
    db.execute("UPDATE jobs SET pid = ?, pid_mark = ? WHERE id = ? AND pid IS NULL", (pid, mark, number))


def adopt(db: sqlite3.Connection, number: int, pid: int, mark: str) -> None:
    """This process does it from now on.

    Raises:
        NotApplicable: it was stopped before it began, or is gone.
    """
    job = get(db, number)
    if job.status == STOPPED:
        raise NotApplicable(f"{job.kind} {job.subject}", "it was stopped before it began", "Ask for it again")
    now = time.time()
    query = "UPDATE jobs SET status = ?, pid = ?, pid_mark = ?, heartbeat = ?, began = ?, error = NULL WHERE id = ?"
    db.execute(query, (RUNNING, pid, mark, now, now, number))


def beat(db: sqlite3.Connection, number: int) -> None:
    """A sign of life."""
    db.execute("UPDATE jobs SET heartbeat = ? WHERE id = ?", (time.time(), number))


def report(db: sqlite3.Connection, number: int, pid: int, done: int, total: int, word: str) -> bool:
    """Progress and a sign of life; False where it is not this process's any more."""
    now = time.time()
    anew = "CASE WHEN since IS NULL OR total <> ? OR done > ? THEN ? ELSE"  # the old values: another count begins
    query = f"UPDATE jobs SET base = {anew} base END, since = {anew} since END, "
    query += "heartbeat = ?, done = ?, total = ?, word = ? WHERE id = ? AND pid = ? AND status = ?"
    values = (total, done, done, total, done, now, now, done, total, word, number, pid, RUNNING)
    return bool(db.execute(query, values).rowcount)


def move(db: sqlite3.Connection, number: int, status: str, error: str | None = None, made: str = "") -> None:
    """It is in another state from now on.

    Args:
        error: why it failed.
        made: what came out, where it finished.

    Raises:
        NotApplicable: a job in its state cannot get there, or it is gone.
    """
    job, now = get(db, number), time.time()
    if not may_follow(job.status, status):
        raise NotApplicable(f"{job.kind} {job.subject}", f"it is {job.status}", "Look at it again")
    ended = None if status in LIVE else now
    seconds = now - job.began if status == FINISHED and job.began else job.seconds
    query = "UPDATE jobs SET status = ?, error = ?, made = ?, heartbeat = ?, ended = ?, seconds = ? WHERE id = ?"
    db.execute(query, (status, error, made, now, ended, seconds, number))


def step_done(db: sqlite3.Connection, number: int) -> None:
    """One step was asked for and is done: now pause, unless something else was asked meanwhile."""
    db.execute("UPDATE jobs SET wanted = 'pause' WHERE id = ? AND wanted = 'step'", (number,))


# -- rows --------------------------------------------------------------------------------------------------------------


def _whole(rows: list[sqlite3.Row]) -> list[Job]:
    found = []
    for row in rows:
        try:
            found.append(_job(row))
        except StoreDamaged:  # who asks for this one is told; whoever goes through all leaves it out
            continue
    return found


def _unchecked(db: sqlite3.Connection, kind: str, subject: str) -> Job | None:
    """The job, for whoever replaces it even where it is damaged."""
    row = db.execute("SELECT * FROM jobs WHERE kind = ? AND subject = ?", (kind, subject)).fetchone()
    return _job(row, trusting=True) if row else None


def _job(row: sqlite3.Row, trusting: bool = False) -> Job:
    if not trusting and not whole("jobs", row):
        raise damaged("jobs", row)
    try:
        arguments = {} if trusting else checked(dict[str, Any], parse_json(row["arguments"]))
    except Malformed as error:
        raise StoreDamaged(
            f"{row['kind']} {row['subject']}", f"what was asked is damaged ({error})", _REMEDY
        ) from error
    values = {field.name: row[field.name] for field in fields(Job)}
    return Job(**{**values, "arguments": arguments, "status": _true_status(row)})


def _true_status(row: sqlite3.Row) -> str:
    status = str(row["status"])
    if status not in (RUNNING, PAUSED) or alive(row["pid"], row["pid_mark"], time.time() - row["heartbeat"]):
        return status
    return STOPPED if row["wanted"] == "stop" else INTERRUPTED
