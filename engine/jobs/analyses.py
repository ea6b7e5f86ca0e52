"""Longer looks at a run: asked for by a page, computed by a process of their own, kept with the run. No torch here.

A result is named by run, task, analysis and settings and is stored whole in one transaction. Who asks for one that is
there gets it; who asks for one that is at work watches it; a worker that died is seen as interrupted.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from engine.device import machine
from engine.errors import NotApplicable, StoreDamaged
from engine.home import VARIABLE
from engine.jobs import queue
from engine.params import Value
from engine.records.answers.base import check_answer, known
from engine.records.arrays import Array, pack, unpack
from engine.records.forms import Known
from engine.store.database import store_error
from engine.store.liveness import alive, process_mark
from engine.store.reader import RunReader
from engine.store.seals import read
from engine.store.store import RunStore
from engine.structures import parse_json

_ROOT = Path(__file__).resolve().parents[2]
_THREADS = max(1, (os.cpu_count() or 1) // 2)  # two processes that each take every core wait for each other
_SINCE = 2  # version of the store that brought these tables
AT_WORK = frozenset({queue.WAITING, *queue.STARTED})
"""Statuses in which a process computes the result, or will."""

Settings = Mapping[str, Value]
Result = dict[str, Array]


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: an analysis by name, of a run after a task.

    Attributes:
        run: the run's id.
        task: the snapshot to look at, from 0.
        name: of the analysis (see `engine.analyses`).
        settings: what differs from the analysis's defaults.
    """

    run: str
    task: int
    name: str
    settings: Settings

    @property
    def key(self) -> tuple[str, int, str, str]:
        """How the store names it."""
        return self.run, self.task, self.name, json.dumps(dict(self.settings), sort_keys=True)


@dataclass(frozen=True, slots=True)
class AnalysisState:
    """How far an answer is.

    Attributes:
        status: waiting, queued, running, finished, failed, cancelled, interrupted, or damaged: there, and not what it
            must be.
        done, total: steps; the total is 0 until it is known.
        word: what is being done.
        seconds_left: an estimate, or None.
        seconds: how long it took, once finished.
        error: why it failed, or what is damaged, for people, or None.
        machine: where it was computed.
    """

    status: str
    done: int
    total: int
    word: str
    seconds_left: float | None
    seconds: float | None
    error: str | None
    machine: str


class Analyses:
    """All analyses of a store. Cheap to make; may be used from any thread."""

    def __init__(self, store: RunStore) -> None:
        self._store = store

    # -- asking --------------------------------------------------------------------------------------------------------

    def result(self, question: Question) -> Result | None:
        """The stored answer, or None while there is none.

        Raises:
            StoreDamaged: what is stored cannot be read, or is not what the analysis returns; it can be computed again.
        """
        query = f"JOIN analyses ON analyses.id = analysis WHERE {_KEY} AND status = 'finished'"
        with self._store.database.reading(_SINCE) as db:
            rows = read(db, "results", query, *question.key) if db else []
        if not rows:
            return None
        bound, name = self._known(question), ""
        try:
            found: Result = {}
            for row in rows:
                name = str(row["name"])
                found[name] = unpack(row["data"])
            name = ""
            check_answer(question.name, found, question.settings, bound)
            return found
        except ValueError as error:
            what = f"analysis {question.name} of run {question.run} after task {question.task + 1}"
            said = f"{name}: {error}" if name else str(error)
            raise StoreDamaged(what, f"it is damaged ({said})", "Compute it again") from error

    def intact(self, question: Question) -> Result | None:
        """The stored answer, or None while there is none, also where it is damaged; `state` tells which."""
        try:
            return self.result(question)
        except StoreDamaged:
            return None

    def state(self, question: Question) -> AnalysisState | None:
        """How far it is, or None if it was never asked for. An answer that is there is looked at."""
        row = self._row(question)
        found = _state(row) if row else None
        why = self._damage(question) if found and found.status == "finished" else None
        return replace(found, status="damaged", error=why) if found and why else found

    def asked(self, run: str, task: int, name: str) -> list[tuple[Question, AnalysisState]]:
        """What was ever asked of an analysis at a moment, with other settings each, the newest first."""
        with self._store.database.reading(_SINCE) as db:
            rest = "WHERE run = ? AND task = ? AND name = ? ORDER BY id DESC"
            rows = read(db, "analyses", rest, run, task, name) if db else []
        return [(Question(run, task, name, parse_json(row["settings"])), _state(row)) for row in rows]

    def request(self, question: Question) -> None:
        """Have it computed by a process of its own as soon as there is a place, unless it is finished or at work.

        Raises:
            StoreError: the store cannot be written, or no process can be started.
        """
        self.claim(question, queue.WAITING)
        self.advance()

    def advance(self) -> None:
        """Start what waits, as far as there are places. Whoever ends or waits calls this. Raises as `request`."""
        for row in queue.due(self._store):
            self._spawn(Question(row["run"], row["task"], row["name"], json.loads(row["settings"])))

    def waits(self, question: Question) -> queue.Place | None:
        """Where it stands in the queue, or None where it does not wait (any more).

        Asking says that somebody is looking, and starts what can be started.

        Raises:
            StoreError: the store cannot be written.
        """
        self.advance()
        row = self._row(question)
        if row is None or row["status"] != queue.WAITING:
            return None
        queue.touch(self._store, row)
        return queue.place(self._store, row)

    def cancel(self, question: Question) -> None:
        """Stop computing it; asking again starts anew."""
        row = self._row(question)
        with self._store.database.writing() as db:
            db.execute(f"UPDATE analyses SET status = 'cancelled' WHERE {_KEY} AND status <> 'finished'", question.key)
        if row and row["pid"] and _state(row).status in AT_WORK and row["pid_mark"] == process_mark(row["pid"]):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(row["pid"], signal.SIGTERM)

    def forget(self, question: Question) -> None:
        """Drop the answer, so that it is computed again when next asked for."""
        with self._store.database.writing() as db:
            db.execute(f"DELETE FROM analyses WHERE {_KEY}", question.key)

    # -- computing -----------------------------------------------------------------------------------------------------

    def claim(self, question: Question, status: str = "queued") -> bool:
        """Whether the caller is now the one to compute it: it is neither there, whole, nor at work elsewhere.

        Args:
            status: `queue.WAITING` where it shall only be lined up; who computes it at once may take it from there.
        """
        damaged = self._damage(question) is not None
        with self._store.database.writing() as db:
            row = db.execute(f"SELECT * FROM analyses WHERE {_KEY}", question.key).fetchone()
            known = _state(row).status if row else ""
            if known in {*queue.STARTED, status} or (known == "finished" and not damaged):
                return False
            db.execute(f"DELETE FROM analyses WHERE {_KEY}", question.key)
            db.execute(
                "INSERT INTO analyses (run, task, name, settings, status, heartbeat, machine) VALUES (?,?,?,?,?,?,?)",
                (*question.key, status, time.time(), machine()),
            )
            return True

    def report(self, question: Question, done: int, total: int, word: str) -> None:
        """Record progress and a sign of life from this process.

        Raises:
            NotApplicable: it was cancelled.
        """
        now = time.time()
        with self._store.database.writing() as db:
            changed = db.execute(
                "UPDATE analyses SET status = 'running', pid = ?, pid_mark = ?, heartbeat = ?, "
                f"began = COALESCE(began, ?), done = ?, total = ?, word = ? WHERE {_KEY} AND status <> 'cancelled'",
                (os.getpid(), process_mark(os.getpid()), now, now, done, total, word, *question.key),
            ).rowcount
        if not changed:
            raise NotApplicable(f"analysis {question.name}", "it was cancelled", "Ask for it again")

    def keep(self, question: Question, result: Result, seconds: float) -> None:
        """Store the answer, whole.

        Raises:
            Malformed: it is not what the analysis declares.
        """
        check_answer(question.name, result, question.settings, self._known(question))
        with self._store.database.writing() as db:
            row = db.execute(f"SELECT id FROM analyses WHERE {_KEY} AND status <> 'cancelled'", question.key).fetchone()
            if row is None:
                return
            rows = [(row["id"], name, pack(array)) for name, array in result.items()]
            db.executemany("INSERT OR REPLACE INTO results (analysis, name, data) VALUES (?, ?, ?)", rows)
            db.execute("UPDATE analyses SET status = 'finished', seconds = ? WHERE id = ?", (seconds, row["id"]))

    def fail(self, question: Question, error: str) -> None:
        """Record why there is no answer."""
        with self._store.database.writing() as db:
            query = f"UPDATE analyses SET status = 'failed', error = ? WHERE {_KEY} AND status <> 'cancelled'"
            db.execute(query, (error, *question.key))

    # -- internals -----------------------------------------------------------------------------------------------------

    def _damage(self, question: Question) -> str | None:
        try:
            self.result(question)
        except StoreDamaged as error:
            return error.allowed
        return None

    def _known(self, question: Question) -> Known:
        """What its run says of the answer's arrays."""
        reader = RunReader(self._store, question.run)
        setup, concepts = reader.setup(self._store.row(question.run)), None
        if setup is not None and setup.learns_concepts and question.task < self._store.tasks_done(question.run):
            concepts = len(reader.metric(question.task, "", "text"))
        return known(setup, question.task, concepts)

    def _row(self, question: Question) -> sqlite3.Row | None:
        with self._store.database.reading(_SINCE) as db:
            rows = read(db, "analyses", f"WHERE {_KEY}", *question.key) if db else []
            return rows[0] if rows else None

    def _spawn(self, question: Question) -> None:
        command = [sys.executable, "-m", "engine", "analyse", question.run, question.name]
        command += ["--task", str(question.task + 1), "--claimed", json.dumps(dict(question.settings))]
        try:
            with (self._store.folder(question.run) / "analyses.log").open("ab") as log:
                process = subprocess.Popen(
                    command,
                    cwd=_ROOT,
                    env={**os.environ, VARIABLE: str(self._store.home), "OMP_NUM_THREADS": str(_THREADS)},
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
        except OSError as error:
            self.fail(question, str(error))
            raise store_error(self._store.home, error) from error
        with self._store.database.writing() as db:
            query = f"UPDATE analyses SET pid = ?, pid_mark = ? WHERE {_KEY} AND pid IS NULL"
            db.execute(query, (process.pid, process_mark(process.pid), *question.key))


_KEY = "run = ? AND task = ? AND analyses.name = ? AND settings = ?"


def _state(row: sqlite3.Row) -> AnalysisState:
    status = str(row["status"])
    if status in queue.STARTED and not alive(row["pid"], row["pid_mark"], time.time() - row["heartbeat"]):
        status = "interrupted"
    done, total = int(row["done"]), int(row["total"])
    left = None
    if row["began"] is not None and 0 < done <= total:
        left = (time.time() - row["began"]) / done * (total - done)
    return AnalysisState(status, done, total, row["word"], left, row["seconds"], row["error"], row["machine"])
