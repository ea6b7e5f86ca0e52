"""Longer looks at a run: asked for by a page, computed by a process of their own, kept with the run. No torch here.

A result is named by run, task, analysis and settings and is stored whole in one transaction. Who asks for one that is
there gets it; who asks for one that is at work watches it; a worker that died is seen as interrupted.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from engine.device import machine
from engine.errors import NotApplicable, StoreDamaged
from engine.jobs import place, queue
from engine.params import Value
from engine.records.answers import check_answer, known
from engine.records.arrays import Array, unpack
from engine.records.forms import Known
from engine.store import answers
from engine.store.database import store_error
from engine.store.liveness import alive, process_mark
from engine.store.reader import RunReader
from engine.store.store import RunStore
from engine.structures import parse_json

_SINCE = 2  # version of the store that brought these tables
AT_WORK = frozenset({answers.WAITING, *answers.STARTED})
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
        with self._store.database.reading(answers.SINCE) as db:
            rows = answers.arrays(db, question.key) if db else []
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
        with self._store.database.reading(answers.SINCE) as db:
            rows = answers.asked(db, run, task, name) if db else []
        return [(Question(run, task, name, parse_json(row["settings"])), _state(row)) for row in rows]

    def request(self, question: Question) -> None:
        """Have it computed by a process of its own as soon as there is a place, unless it is finished or at work.

        Raises:
            StoreError: the store cannot be written, or no process can be started.
        """
        self.claim(question, answers.WAITING)
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
        if row is None or row["status"] != answers.WAITING:
            return None
        queue.touch(self._store, row)
        return queue.place(self._store, row)

    def cancel(self, question: Question) -> None:
        """Stop computing it; asking again starts anew."""
        row = self._row(question)
        with self._store.database.writing() as db:
            answers.cancel(db, question.key)
        if row and _state(row).status in AT_WORK:
            place.end(row["pid"], row["pid_mark"])

    def forget(self, question: Question) -> None:
        """Drop the answer, so that it is computed again when next asked for."""
        with self._store.database.writing() as db:
            answers.drop(db, question.key)

    # -- computing -----------------------------------------------------------------------------------------------------

    def claim(self, question: Question, status: str = "queued") -> bool:
        """Whether the caller is now the one to compute it: it is neither there, whole, nor at work elsewhere.

        Args:
            status: `answers.WAITING` where it shall only be lined up; who computes it at once may take it from there.
        """
        damaged = self._damage(question) is not None
        with self._store.database.writing() as db:
            row = answers.unchecked(db, question.key)
            known = _state(row).status if row else ""
            if known in {*answers.STARTED, status} or (known == "finished" and not damaged):
                return False
            answers.add(db, question.key, status, machine())
            return True

    def report(self, question: Question, done: int, total: int, word: str) -> None:
        """Record progress and a sign of life from this process.

        Raises:
            NotApplicable: it was cancelled.
        """
        pid = os.getpid()
        with self._store.database.writing() as db:
            goes_on = answers.report(db, question.key, pid, process_mark(pid), done, total, word)
        if not goes_on:
            raise NotApplicable(f"analysis {question.name}", "it was cancelled", "Ask for it again")

    def keep(self, question: Question, result: Result, seconds: float) -> None:
        """Store the answer, whole.

        Raises:
            Malformed: it is not what the analysis declares.
        """
        check_answer(question.name, result, question.settings, self._known(question))
        with self._store.database.writing() as db:
            answers.keep(db, question.key, result, seconds)

    def fail(self, question: Question, error: str) -> None:
        """Record why there is no answer."""
        with self._store.database.writing() as db:
            answers.fail(db, question.key, error)

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
        with self._store.database.reading(answers.SINCE) as db:
            return answers.find(db, question.key) if db else None

    def _spawn(self, question: Question) -> None:
        command = ["analyse", question.run, question.name, "--task", str(question.task + 1)]
        command += ["--claimed", json.dumps(dict(question.settings))]
        log = self._store.folder(question.run) / "analyses.log"
        try:
            process = place.start(command, log, self._store.home, place.SHARED)
        except OSError as error:
            self.fail(question, str(error))
            raise store_error(self._store.home, error) from error
        with self._store.database.writing() as db:
            answers.started(db, question.key, process.pid, process.mark)


def _state(row: sqlite3.Row) -> AnalysisState:
    status = str(row["status"])
    if status in answers.STARTED and not alive(row["pid"], row["pid_mark"], time.time() - row["heartbeat"]):
        status = "interrupted"
    done, total = int(row["done"]), int(row["total"])
    left = None
    if row["began"] is not None and 0 < done <= total:
        left = (time.time() - row["began"]) / done * (total - done)
    return AnalysisState(status, done, total, row["word"], left, row["seconds"], row["error"], row["machine"])
