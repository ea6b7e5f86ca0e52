"""The job behind a run: it consumes the training loop, writes to the store and does what it is asked."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from engine.errors import StoreError
from engine.home import cache_folder
from engine.jobs import queue
from engine.jobs.recorder import Recorder
from engine.jobs.working import AtWork, JobEnd, Stopped, carry_out
from engine.records.events import Event, RunStarted, TaskFinished
from engine.store import jobs
from engine.store.states import PAUSED, STOPPED
from engine.store.store import RunStore
from engine.store.summary import stored_config
from engine.store.view import RunView
from engine.store.watching import Watching

_POLL = 0.2  # seconds between looks at the requests while paused

Listener = Callable[[Event], None]


def work(store: RunStore, run_id: str, listen: Listener | None = None) -> JobEnd:
    """Do a run, or what is left of it, in this process.

    Whatever happens is recorded in the store, so that no failure is silent.

    Args:
        listen: called with every event after it is stored.

    Raises:
        NotApplicable: another worker has the run, or it was stopped before it began.
        StoreError: the store cannot be written.
    """
    return carry_out(store, store.training(run_id), lambda at_work: learn(at_work, run_id, listen))


def learn(at_work: AtWork, run_id: str, listen: Listener | None = None) -> None:
    """Train what is left of a run. Raises as `engine.training.loop.train`, and `Stopped`."""
    from engine.training.loop import Watch, train  # torch: seconds, in which the run already shows as running

    store = at_work.store
    store.begin(run_id)
    config = stored_config(store.row(run_id))
    recorder, view = Recorder(store, run_id), RunView(store, run_id)
    done = view.tasks_done
    history = (view.snapshot(task, memory=task == done - 1) for task in range(done))
    towers = store.tower_digests(run_id)
    watch = Watch(lambda: Watching(store).list(run_id), view.film().beats)
    cache, folder = cache_folder(store.home), store.folder(run_id)
    events = train(config, cache, history, folder=folder, towers=towers, watch=watch)
    requests = _Requests(at_work, recorder.flush)
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

    def __init__(self, at_work: AtWork, before_waiting: Callable[[], None]) -> None:
        self._at_work, self._before_waiting = at_work, before_waiting
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
            with self._at_work.store.database.writing() as db:
                jobs.step_done(db, self._at_work.number)
        if self._wanted() == "pause":
            self._before_waiting()
            self._pause()

    def _pause(self) -> None:
        """Give the place away, and go on when that is wanted and there is one."""
        store, number = self._at_work.store, self._at_work.number
        with store.database.writing() as db:
            jobs.move(db, number, PAUSED)
        with contextlib.suppress(StoreError):
            queue.advance(store)
        while self._wanted() == "pause" or not queue.takes_place(store, number):
            time.sleep(_POLL)

    def _wanted(self) -> str:
        wanted = self._at_work.wanted
        if wanted == "stop":
            raise Stopped(STOPPED)
        return wanted
