"""Start, pause, resume, step, stop and fork runs. Whoever calls goes on at once; a process of its own trains."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from engine.backbone.presets import identify
from engine.errors import BadParameter, NotApplicable, StoreError
from engine.files import store_error
from engine.jobs import queue
from engine.jobs.ending import end
from engine.jobs.kinds import TRAINING
from engine.runs import task_backbones
from engine.runs.config import RunConfig
from engine.runs.watch import WatchSettings
from engine.store import jobs
from engine.store.jobs import Job
from engine.store.states import FINISHED, PAUSED, QUEUED, RESUMABLE, RUNNING, STOPPED
from engine.store.store import RunStore
from engine.store.summary import stored_config
from engine.store.watching import Watching

_FORK_CHANGES = {"seed", "settings"}
_CAN: Mapping[str, frozenset[str]] = {
    QUEUED: frozenset({"stop", "fork"}),
    RUNNING: frozenset({"pause", "step", "stop", "fork"}),
    PAUSED: frozenset({"resume", "step", "stop", "fork"}),
    **{status: frozenset({"resume", "step", "fork"}) for status in RESUMABLE},
    FINISHED: frozenset({"fork"}),
}


def can(status: str) -> frozenset[str]:
    """Which of pause, resume, step, stop and fork make sense in a status."""
    return _CAN.get(status, frozenset())


def start(config: RunConfig, name: str = "", store: RunStore | None = None, watch: WatchSettings | None = None) -> str:
    """Have a run trained as soon as there is a place, and return its id.

    Args:
        watch: what is looked at while it learns; by itself if not given.

    Raises:
        MissingWeights, BadParameter: the backbone cannot be had, as far as can be told without loading it, or more
            pictures would be watched than a run can.
        StoreError: the store cannot be written.
    """
    identify(config.backbone)
    store = store or RunStore()
    if watch is not None:
        watch.check_size(config.tasks_total or 1)
    run_id = store.create(config, name)
    if watch is not None:
        Watching(store).choose(run_id, watch)
    queue.advance(store)
    return run_id


def pause(run_id: str, store: RunStore | None = None) -> None:
    """Ask the worker to wait after the current epoch, with everything in memory.

    Raises:
        NotApplicable: the run is not running.
    """
    _want(store or RunStore(), run_id, "pause")


def stop(run_id: str, store: RunStore | None = None) -> None:
    """Ask the worker to end, or take the run out of the line. It can be resumed after its last finished task.

    Raises:
        NotApplicable: no worker has it, and it does not wait for one.
    """
    store = store or RunStore()
    job = _checked(store, run_id, "stop")
    end(store, job)


def resume(run_id: str, store: RunStore | None = None) -> None:
    """Go on: at once where the run is paused, else after its last finished task in a new worker.

    Raises:
        NotApplicable: the run is running or finished.
    """
    _go_on(store or RunStore(), run_id, "resume", "run")


def step(run_id: str, store: RunStore | None = None) -> None:
    """Finish one task, then pause.

    Raises:
        NotApplicable: the run is finished.
    """
    _go_on(store or RunStore(), run_id, "step", "step")


def fork(
    run_id: str, after_task: int, changes: Mapping[str, Any], name: str = "", store: RunStore | None = None
) -> str:
    """Start a new run that shares tasks 0 to `after_task` with this one and goes on with other parameters.

    Args:
        after_task: last task to keep, from 0; it must be finished.
        changes: `"seed"`, and `"settings"` with some of the method's parameters. Data and tasks stay what they are.

    Raises:
        NotApplicable: the task is not finished, or its model or an earlier one was dropped.
        BadParameter: something else is changed, or to a value that is not allowed.
        StoreError: the store cannot be written.
    """
    store = store or RunStore()
    child = branch(run_id, after_task, changes, name, store)
    launch(child, store)
    return child


def branch(run_id: str, after_task: int, changes: Mapping[str, Any], name: str, store: RunStore) -> str:
    """The fork, not in line yet: `launch` has it trained. Raises as `fork`."""
    done = store.tasks_done(run_id)
    if not 0 <= after_task < done:
        reason = f"only its {done} finished tasks can be kept" if done else "no task of it is finished yet"
        raise NotApplicable(f"fork of {run_id} after task {after_task + 1}", reason, "Choose a finished task")
    other = sorted(set(changes) - _FORK_CHANGES)
    if other:
        raise BadParameter(
            f"fork: {', '.join(other)}",
            "a fork may change seed and settings",
            "Start a new run to change anything else",
        )
    kept = range(after_task + 1)
    store.check_kept(run_id, kept)
    config = stored_config(store.row(run_id)).changed(**changes)
    child = store.create(config, name, parent=run_id, parent_task=after_task, status=STOPPED)
    with dropped_if_it_fails(child, store):
        _share(store.snapshots(run_id), store.snapshots(child), after_task)
        task_backbones.share(store.folder(run_id), store.folder(child), after_task)
        store.copy_tasks(run_id, child, after_task)
        store.check_kept(run_id, kept)  # somebody may have thinned it meanwhile
    return child


def launch(run_id: str, store: RunStore) -> None:
    """Have a branch trained as soon as there is a place.

    Raises:
        StoreError: no process can be started.
    """
    _ask(store, run_id, "run")


@contextlib.contextmanager
def dropped_if_it_fails(child: str, store: RunStore) -> Iterator[None]:
    """Delete a half-made run where the body fails, or is told to end."""
    try:
        yield
    except BaseException as error:
        with contextlib.suppress(StoreError):
            store.delete(child)
        if isinstance(error, OSError):
            raise store_error(store.home, error) from error
        raise


def _want(store: RunStore, run_id: str, wanted: str) -> None:
    job = _checked(store, run_id, wanted)
    with store.database.writing() as db:
        jobs.want(db, job, wanted)


def _go_on(store: RunStore, run_id: str, verb: str, wanted: str) -> None:
    job = _checked(store, run_id, verb)
    if job.live:
        with store.database.writing() as db:
            jobs.want(db, job, wanted)
    else:
        _ask(store, run_id, wanted)


def _ask(store: RunStore, run_id: str, wanted: str) -> None:
    with store.database.writing() as db:
        jobs.ask(db, TRAINING.name, run_id, {}, run_id, wanted=wanted)
    queue.advance(store)


def _checked(store: RunStore, run_id: str, verb: str) -> Job:
    job = store.training(run_id)
    if verb not in can(job.status):
        now = f"it is {job.status}"
        raise NotApplicable(f"{verb} run {run_id}", now, f"It can {', '.join(sorted(can(job.status)))} now")
    return job


def _share(source: Path, target: Path, after_task: int) -> None:
    """The same snapshots in another run, without a second copy where the file system can do that.

    Safe because snapshot files are never changed in place: a new one is renamed over the old.
    """
    for path in sorted(source.glob("*.safetensors")):
        if int(path.stem.rpartition("-")[2]) <= after_task:  # names end with the task, see engine.model.storage
            try:
                os.link(path, target / path.name)
            except OSError:
                shutil.copy2(path, target / path.name)
