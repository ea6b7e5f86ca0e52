"""Longer looks at a run: asked for by a page, computed by a job, kept with the run. No torch here.

A result is named by run, task, analysis and settings and is stored whole in one transaction. Who asks for one that is
there gets it; who asks for one that is at work watches it.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from engine.errors import StoreDamaged
from engine.jobs import queue
from engine.jobs.ending import end
from engine.jobs.kinds import ANALYSIS
from engine.params import Value
from engine.records.answers import check_answer, known
from engine.records.arrays import Array, unpack
from engine.records.forms import Known
from engine.store import answers, jobs
from engine.store.jobs import Job
from engine.store.reader import RunReader
from engine.store.states import FINISHED, LIVE, QUEUED, RUNNING
from engine.store.store import RunStore
from engine.structures import parse_json

WHERE = "where"
"""Argument of a job: the cluster that computes the answer, as `engine.experiments.where.Where` has it."""
SCENARIO = "scenario"
"""Setting of a question that names a scenario of the run."""
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

    @property
    def subject(self) -> str:
        """How its job is called."""
        return json.dumps(self.key)

    @classmethod
    def of(cls, job: Job) -> Question:
        """What a job of this kind was asked."""
        return cls(str(job.run), **{name: value for name, value in job.arguments.items() if name != WHERE})


@dataclass(frozen=True, slots=True)
class AnalysisState:
    """How far an answer is.

    Attributes:
        status: one of `engine.store.states`, or damaged: there, and not what it must be.
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
        with self._store.database.reading() as db:
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
        with self._store.database.reading() as db:
            job = jobs.find(db, ANALYSIS.name, question.subject) if db else None
            found = _state(job, answers.find(db, question.key) if db else None)
        why = self._damage(question) if found and found.status == FINISHED else None
        return replace(found, status="damaged", error=why) if found and why else found

    def asked(self, run: str, task: int, name: str) -> list[tuple[Question, AnalysisState]]:
        """What was ever asked of an analysis at a moment, with other settings each, the newest first."""
        with self._store.database.reading() as db:
            at_work = jobs.of_kind(db, ANALYSIS.name, run) if db else []
            kept = answers.kept(db, run, task, name) if db else []
        about = {(q := Question.of(job)).key: (q, job) for job in at_work}
        there = {(q := Question(run, task, name, parse_json(row["settings"]))).key: (q, row) for row in kept}
        found = []
        for key, (question, _) in {**about, **there}.items():
            state = _state(about.get(key, (None, None))[1], there.get(key, (None, None))[1])
            if state is not None and (question.task, question.name) == (task, name):
                found.append((question, state))
        return found

    def job(self, question: Question) -> Job | None:
        """The job that computes it, or did; None where it came from elsewhere or was never asked for."""
        with self._store.database.reading() as db:
            return jobs.find(db, ANALYSIS.name, question.subject) if db else None

    def request(self, question: Question, where: Mapping[str, Any] | None = None) -> None:
        """Have it computed by a process of its own as soon as there is a place, unless it is there or at work.

        Args:
            where: the cluster, or nothing for this machine; if not given, where it was asked for before.

        Raises:
            StoreError: the store cannot be written, or no process can be started.
        """
        state = self.state(question)
        if state is None or state.status not in LIVE | {FINISHED}:
            self._ask(question, QUEUED, where)
        queue.advance(self._store)

    def claim(self, question: Question, where: Mapping[str, Any] | None = None) -> Job | None:
        """A job for the caller to carry out at once, or None where the answer is there.

        Args:
            where: as in `request`.

        Raises:
            NotApplicable: another process computes it.
        """
        state = self.state(question)
        return None if state and state.status == FINISHED else self._ask(question, RUNNING, where)

    def waits(self, question: Question) -> queue.Place | None:
        """Where it stands in the queue, or None where it does not wait (any more).

        Asking says that somebody is looking, and starts what can be started.

        Raises:
            StoreError: the store cannot be written.
        """
        job = self.job(question)
        return queue.waits(self._store, job) if job is not None else None

    def cancel(self, question: Question) -> None:
        """Stop computing it; asking again starts anew, or where its analysis can go on from."""
        job = self.job(question)
        if job is not None:
            end(self._store, job)

    def forget(self, question: Question) -> None:
        """Drop the answer, so that it is computed again when next asked for."""
        with self._store.database.writing() as db:
            answers.drop(db, question.key)
            jobs.drop(db, ANALYSIS.name, question.subject)

    def keep(self, question: Question, result: Result, seconds: float, machine: str = "") -> None:
        """Store the answer, whole, and with that its job is done; nothing is kept where that was stopped.

        Args:
            machine: that computed it; this one if not given.

        Raises:
            Malformed: it is not what the analysis declares.
        """
        check_answer(question.name, result, question.settings, self._known(question))
        with self._store.database.writing() as db:
            job = jobs.find(db, ANALYSIS.name, question.subject)
            if job is None or job.live:
                answers.keep(db, question.key, result, seconds, machine)
            if job is not None and job.live:
                jobs.move(db, job.id, FINISHED)

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

    def _ask(self, question: Question, status: str, where: Mapping[str, Any] | None) -> Job:
        asked: dict[str, Any] = {"task": question.task, "name": question.name, "settings": dict(question.settings)}
        with self._store.database.writing() as db:
            before = jobs.find(db, ANALYSIS.name, question.subject)
            if place := (before.arguments.get(WHERE) if before else None) if where is None else where:
                asked[WHERE] = dict(place)
            return jobs.get(db, jobs.ask(db, ANALYSIS.name, question.subject, asked, question.run, status))


def _state(job: Job | None, kept: sqlite3.Row | None) -> AnalysisState | None:
    """What is at work, or went wrong with the answer's place still empty, says more than what is kept."""
    if job is not None and job.status != FINISHED:
        told = (job.done, job.total, job.word, job.seconds_left, job.seconds, job.error, job.machine)
        return AnalysisState(job.status, *told)
    return AnalysisState(FINISHED, 0, 0, "", None, kept["seconds"], None, kept["machine"]) if kept else None
