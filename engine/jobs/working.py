"""What every job's process does around its work: it holds the job alone, lives visibly, can be told to go, and leaves
an end that is written down, whatever happens. No torch here."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from engine.errors import NotApplicable, PlumageError, StoreError
from engine.files import store_error
from engine.home import jobs_folder, log_path
from engine.jobs import queue
from engine.jobs.clearing import clear
from engine.steps import Step
from engine.store import jobs
from engine.store.jobs import Job
from engine.store.liveness import process_mark
from engine.store.states import FAILED, FINISHED, INTERRUPTED, STOPPED
from engine.store.store import RunStore

BEAT = 2.0
"""Seconds between signs of life."""
_TOLD_EVERY = 0.5  # seconds between two reports of progress
_LOCK_PATIENCE, _LOOK = 2.0, 0.2  # seconds to wait for a process that is just ending, and between two looks


class Stopped(BaseException):
    """The job shall end. Not an `Exception`: no handler on the way may take it for a fault.

    Attributes:
        status: what it becomes: `STOPPED` on request, `INTERRUPTED` when the process was told to go.
    """

    def __init__(self, status: str = STOPPED) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class JobEnd:
    """How a job ended.

    Attributes:
        status: finished, stopped, interrupted or failed.
        message: why it failed or what its result lacks, for people, or None.
        problem: the error behind it, or None.
        made: what came out, or nothing.
    """

    status: str
    message: str | None = None
    problem: Exception | None = None
    made: str = ""


class AtWork:
    """A job in its own process: how it tells how far it is, and how it learns what is wanted."""

    def __init__(self, store: RunStore, job: int) -> None:
        self.store, self.number = store, job
        self.remarks = list[str]()
        """What the result lacks, for people."""
        self._told = 0.0

    def tell(self, step: Step) -> None:
        """Record progress, a few times a second at most.

        Raises:
            Stopped: the job is no longer this process's.
        """
        if time.monotonic() - self._told >= _TOLD_EVERY:
            self._told = time.monotonic()
            with self.store.database.writing() as db:
                goes_on = jobs.report(db, self.number, os.getpid(), step.done, step.total, step.word)
            if not goes_on:
                raise Stopped

    @property
    def wanted(self) -> str:
        """What was asked for last: run, pause, step or stop."""
        return self.now.wanted

    @property
    def now(self) -> Job:
        """The job as it stands."""
        with self.store.database.reading() as db:
            assert db is not None  # it was written
            return jobs.get(db, self.number)


def carry_out(store: RunStore, job: Job, work: Callable[[AtWork], str | None]) -> JobEnd:
    """Do a job in this process and write down how it ended.

    Args:
        work: does it, and returns what it made, if that has a name.

    Raises:
        NotApplicable: another process has it, or it was stopped before it began.
        StoreError: the store cannot be written.
    """
    with _alone(store, job), store.kept_open(), _told_to_go():
        with store.database.writing() as db:
            jobs.adopt(db, job.id, os.getpid(), process_mark(os.getpid()))
        with _heart(store, job.id):
            end = _outcome(store, job, work)
        with contextlib.suppress(NotApplicable), store.database.writing() as db:  # somebody forgot it meanwhile
            if jobs.get(db, job.id).pid == os.getpid():  # not stopped, and asked for again
                jobs.move(db, job.id, end.status, end.message, end.made)
    with contextlib.suppress(StoreError):
        queue.advance(store)
        clear(store)
    return end


def _outcome(store: RunStore, job: Job, work: Callable[[AtWork], str | None]) -> JobEnd:
    at_work = AtWork(store, job.id)
    try:
        made = work(at_work)
    except Stopped as stop:
        asked = stop.status == STOPPED or at_work.wanted == "stop"
        return JobEnd(STOPPED if asked else INTERRUPTED)
    except PlumageError as problem:
        return JobEnd(FAILED, str(problem), problem)
    except Exception as bug:
        return JobEnd(FAILED, _report_bug(store, job), bug)
    return JobEnd(FINISHED, "\n".join(at_work.remarks) or None, made=made or "")


@contextlib.contextmanager
def _alone(store: RunStore, job: Job) -> Iterator[None]:
    """Hold the job; the kernel lets go of it however the process ends."""
    folder = jobs_folder(store.home) / str(job.id)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "lock").open("w")
    except OSError as error:
        raise store_error(folder, error) from error
    with lock:
        give_up = time.monotonic() + _LOCK_PATIENCE
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > give_up:
                    what = f"{job.kind} {job.subject}"
                    raise NotApplicable(what, "another worker is at it", "Look at it, or stop it first") from error
                time.sleep(_LOOK)
        yield


@contextlib.contextmanager
def _heart(store: RunStore, job: int) -> Iterator[None]:
    """Beat while the body works, even where it is busy for long."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(BEAT):
            with contextlib.suppress(StoreError), store.database.writing() as db:
                jobs.beat(db, job)  # the main thread will meet the same trouble and report it

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextlib.contextmanager
def _told_to_go() -> Iterator[None]:
    """Turn ctrl-C and SIGTERM into `Stopped`, so that the job is left resumable."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers
        return

    def go(number: int, frame: FrameType | None) -> None:
        raise Stopped(STOPPED if number == signal.SIGINT else INTERRUPTED)

    before = {number: signal.signal(number, go) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _report_bug(store: RunStore, job: Job) -> str:
    """Write the traceback to the job's log and say where it is."""
    path: Path = log_path(store.home, job.id)
    with contextlib.suppress(OSError), path.open("a", encoding="utf-8") as log:
        log.write(traceback.format_exc())
    last = traceback.format_exc().strip().splitlines()[-1]
    return f"A bug in Plumage: {last}. The traceback is in {path}. Please report it; nothing that was finished is lost."
