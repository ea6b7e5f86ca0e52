"""Jobs put into a state for a test, without the processes that would have brought them there."""

from __future__ import annotations

import argparse
import os
import signal
from pathlib import Path

import pytest

from engine.backbone.presets import CONFIG_FILE, WEIGHTS_FILE
from engine.jobs.analyses import Analyses, Question
from engine.jobs.kinds import ANALYSIS
from engine.store import jobs
from engine.store.liveness import process_mark
from engine.store.store import RunStore


def adopt(store: RunStore, run: str, pid: int | None = None, status: str = "running") -> None:
    """A process trains the run, this one if no other is named."""
    _put(store, jobs.TRAINING, run, status, pid=pid or os.getpid())


def set_status(store: RunStore, run: str, status: str, error: str | None = None) -> None:
    """The run's training is in another state; its process stays what it is."""
    _put(store, jobs.TRAINING, run, status, error, store.training(run).pid)


def want(store: RunStore, run: str, wanted: str) -> None:
    """Something is asked of the run's training."""
    with store.database.writing() as db:
        jobs.want(db, store.training(run), wanted)


def ask_again(store: RunStore, run: str) -> None:
    """The run's training is asked for again, to be done by the test."""
    with store.database.writing() as db:
        jobs.ask(db, jobs.TRAINING, run, {}, run, "running")


def computing(store: RunStore, question: Question, done: int = 0, total: int = 1, word: str = "") -> None:
    """This process computes an analysis and is so far."""
    job, pid = Analyses(store).claim(question), os.getpid()
    assert job is not None
    with store.database.writing() as db:
        jobs.adopt(db, job.id, pid, process_mark(pid))
        jobs.report(db, job.id, pid, 0, total, word)
        jobs.report(db, job.id, pid, done, total, word)


def analysis(store: RunStore, question: Question, status: str, error: str | None = None) -> None:
    """An analysis that was asked for is in another state, and has no process."""
    _put(store, ANALYSIS.name, question.subject, status, error)


def _put(
    store: RunStore, kind: str, subject: str, status: str, error: str | None = None, pid: int | None = None
) -> None:
    values = (status, error, pid, process_mark(pid) if pid else None, kind, subject)
    with store.database.writing() as db:
        query = "UPDATE jobs SET status = ?, error = ?, pid = ?, pid_mark = ?, heartbeat = strftime('%s') + 0.0"
        db.execute(f"{query} WHERE kind = ? AND subject = ?", values)


def end_processes(store: RunStore) -> None:
    """End whatever still works on a store's jobs."""
    with store.database.reading() as db:
        for job in jobs.live(db) if db else []:
            if job.pid is not None and job.pid != os.getpid() and job.pid_mark == process_mark(job.pid):
                os.killpg(job.pid, signal.SIGKILL)


def note_analyses(monkeypatch: pytest.MonkeyPatch) -> list[Question]:
    """What would have been computed by processes of its own; none is started."""
    found: list[Question] = []

    def start(store: RunStore, job: jobs.Job) -> None:
        if job.kind == ANALYSIS.name:
            found.append(Question.of(job))

    monkeypatch.setattr("engine.jobs.queue._start", start)
    return found


def done_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked for is done at once, in this process."""
    from engine.commands import work

    start = lambda store, job: work.run(argparse.Namespace(number=job.id))  # noqa: E731
    monkeypatch.setattr("engine.jobs.queue._start", start)


def complete(folder: Path) -> None:
    """A backbone's folder as if its model had been made."""
    (folder / CONFIG_FILE).write_text("{}")
    (folder / WEIGHTS_FILE).write_bytes(b"x")
