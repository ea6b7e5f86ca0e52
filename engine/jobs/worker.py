"""The process behind a run: it consumes the training loop, writes to the store and does what it is asked."""

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
from engine.files import storage_errors
from engine.home import cache_folder, log_path
from engine.jobs.recorder import Recorder
from engine.records.events import Event, RunStarted, TaskFinished
from engine.store.store import RunStore
from engine.store.summary import stored_config
from engine.store.view import RunView

BEAT = 2.0
"""Seconds between signs of life."""
_POLL = 0.2  # seconds between looks at the requests while paused
_LOCK_PATIENCE = 2.0  # seconds to wait for a worker that is just ending

Listener = Callable[[Event], None]


class Stopped(BaseException):
    """Somebody asked the run to end. Not an `Exception`: no handler on the way may take it for a fault.

    Attributes:
        status: what the run becomes: `"stopped"` on request, `"interrupted"` when the process was told to go.
    """

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


@dataclass(frozen=True, slots=True)
class WorkerEnd:
    """How a worker ended.

    Attributes:
        status: the run's status: finished, stopped, interrupted or failed.
        message: why it failed, for people, or None.
        problem: the error behind it, or None, also for a bug.
    """

    status: str
    message: str | None = None
    problem: PlumageError | None = None


def work(store: RunStore, run_id: str, listen: Listener | None = None) -> WorkerEnd:
    """Do a run, or what is left of it, in this process.

    Whatever happens is recorded in the store, so that no failure is silent.

    Args:
        listen: called with every event after it is stored.

    Raises:
        NotApplicable: another worker has the run.
        StoreError: the store cannot be written.
    """
    with _only_worker(store.folder(run_id), run_id), store.kept_open(), _told_to_go():
        store.adopt(run_id, os.getpid(), "running")
        with _heart(store, run_id):
            outcome = _outcome(store, run_id, listen)
        store.set_status(run_id, outcome.status, outcome.message)
        return outcome


def _outcome(store: RunStore, run_id: str, listen: Listener | None) -> WorkerEnd:
    try:
        _run(store, run_id, listen)
    except Stopped as stop:
        return WorkerEnd(stop.status)
    except PlumageError as problem:
        return WorkerEnd("failed", str(problem), problem)
    except Exception:
        return WorkerEnd("failed", _report_bug(store.folder(run_id)))
    return WorkerEnd("finished")


def _run(store: RunStore, run_id: str, listen: Listener | None) -> None:
    from engine.training.loop import train  # torch: seconds, in which the run already shows as running

    store.begin(run_id)
    config = stored_config(store.row(run_id))
    recorder, view = Recorder(store, run_id), RunView(store, run_id)
    history = (view.snapshot(task) for task in range(view.tasks_done))
    towers = store.tower_digests(run_id)
    events = train(config, cache_folder(store.home), history, folder=store.folder(run_id), towers=towers)
    requests = _Requests(store, run_id, recorder.flush)
    try:
        for event in events:
            recorder.take(event)
            if listen is not None:
                listen(event)
            requests.obey(event)
    finally:
        events.close()
        with contextlib.suppress(StoreError):  # if this is why it ends, it is known already
            recorder.flush()


class _Requests:
    """What the dashboard or the command line asks for, looked up between two events."""

    def __init__(self, store: RunStore, run_id: str, before_waiting: Callable[[], None]) -> None:
        self._store, self._run_id, self._before_waiting = store, run_id, before_waiting
        self._last_task = -1

    def obey(self, event: Event) -> None:
        """Go on, wait while paused, or end.

        Raises:
            Stopped: the run shall stop.
        """
        if isinstance(event, RunStarted):
            self._last_task = len(event.task_classes) - 1
        if isinstance(event, TaskFinished):
            if event.task == self._last_task:
                return  # nothing is left to wait with
            self._store.step_done(self._run_id)
        if self._wanted() == "pause":
            self._before_waiting()
            self._store.set_status(self._run_id, "paused")
            while self._wanted() == "pause":
                time.sleep(_POLL)
            self._store.set_status(self._run_id, "running")

    def _wanted(self) -> str:
        wanted = str(self._store.row(self._run_id)["wanted"])
        if wanted == "stop":
            raise Stopped("stopped")
        return wanted


@contextlib.contextmanager
def _only_worker(folder: Path, run_id: str) -> Iterator[None]:
    """Hold the run's lock; the kernel lets go of it however the process ends."""
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        lock = (folder / "worker.lock").open("w")
    with lock:
        give_up = time.monotonic() + _LOCK_PATIENCE
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if time.monotonic() > give_up:
                    raise NotApplicable(
                        f"run {run_id}", "another worker is at it", "Look at it, or stop it first"
                    ) from error
                time.sleep(_POLL)
        yield


@contextlib.contextmanager
def _heart(store: RunStore, run_id: str) -> Iterator[None]:
    """Beat while the body works, even where it is busy for long."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(BEAT):
            with contextlib.suppress(StoreError):  # the main thread will meet the same trouble and report it
                store.beat(run_id)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


@contextlib.contextmanager
def _told_to_go() -> Iterator[None]:
    """Turn ctrl-C and SIGTERM into `Stopped`, so that the run is left resumable."""
    if threading.current_thread() is not threading.main_thread():
        yield  # only the main thread may set handlers
        return

    def go(number: int, frame: FrameType | None) -> None:
        raise Stopped("stopped" if number == signal.SIGINT else "interrupted")

    before = {number: signal.signal(number, go) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _report_bug(folder: Path) -> str:
    """Write the traceback to the run's log and say where it is."""
    path = log_path(folder)
    with contextlib.suppress(OSError), path.open("a", encoding="utf-8") as log:
        log.write(traceback.format_exc())
    last = traceback.format_exc().strip().splitlines()[-1]
    return f"A bug in Plumage: {last}. The traceback is in {path}. Please report it; the finished tasks are safe."
