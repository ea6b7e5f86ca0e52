"""How many jobs may work at once, and who is next. No torch here.

What waits stands in the store, so a place in the queue outlives pages and servers; whoever ends, waits or looks starts
what may start. What somebody is looking at comes first, and of that what was asked for last; a page that waits says so
again and again, which is how the queue knows. Trainings have places of their own, and are taken in the order in which
they were asked for: a second one waits until the first has ended or is paused. So have files, which a person waits for
and which may wait for analyses themselves. Analyses and backbones share the rest: while something trains, all cores but
one, so that no training crawls; else all cores.
"""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from engine.files import store_error
from engine.home import log_path
from engine.jobs import place
from engine.jobs.kinds import EXPERIMENT, FILES, HEALTH, TRAINING, kind_of
from engine.store import jobs
from engine.store.jobs import Job
from engine.store.states import FAILED, QUEUED, RUNNING
from engine.store.store import RunStore

_EXPERIMENTS = 16
"""That may be under way at once; they only wait."""
_LOOKED_AT = 5.0
"""Seconds for which a job counts as looked at after a page last said that it waits for it."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a job stands.

    Attributes:
        number: from 1: it is next.
        behind: what works now and is in its way, in words.
    """

    number: int
    behind: tuple[str, ...]

    @property
    def words(self) -> str:
        """As a page says it; plain text."""
        return f"waits for {' and '.join(self.behind) or 'its turn'}, place {self.number}"


def places(pool: str, training: bool, cores: int | None = None) -> int:
    """How many jobs of a pool may work at once.

    Args:
        pool: see `engine.jobs.kinds`.
        training: whether a run is being trained.
        cores: of this machine; found out if not given.
    """
    cores = cores or os.cpu_count() or 1
    if pool == TRAINING.pool:
        return max(1, cores // 2)  # each keeps about two busy
    if pool == EXPERIMENT.pool:
        return _EXPERIMENTS
    return max(1, cores - 1 if training and pool != FILES[0].pool else cores)


def advance(store: RunStore) -> None:
    """Start what waits, as far as there are places. Whoever ends, waits or looks calls this.

    Raises:
        StoreError: the store cannot be written, or no process can be started, which the job then says of itself too.
    """
    if _may_start(_live(store)):
        for job in _taking_places(store):
            _start(store, job)


def waits(store: RunStore, job: Job) -> Place | None:
    """Where a job stands in the queue, or None where it does not wait.

    Asking says that somebody looks at it, and starts what can be started.

    Raises:
        StoreError: the store cannot be written.
    """
    advance(store)
    now = _waiting(_live(store), job)
    if now is not None and time.time() - now.looked_at > _LOOKED_AT / 2:
        with store.database.writing() as db:
            jobs.look(db, now)
    live = _live(store)
    now = _waiting(live, job)
    return place_of(now, live) if now is not None else None


def place_of(job: Job, live: Sequence[Job]) -> Place:
    """Where a waiting job stands among all that live."""
    rivals = [one for one in in_order(live) if _pool(one) == _pool(job)]
    number = next((i for i, one in enumerate(rivals, 1) if one.id == job.id), 1)
    working = [one for one in live if one.status == RUNNING]
    behind = [_named(one) for one in working if _pool(one) == _pool(job)]
    return Place(number, tuple(dict.fromkeys(behind or [_named(one) for one in working])))


def takes_place(store: RunStore, job: int) -> bool:
    """Whether a paused training may go on now; it then has its place.

    Nobody else takes it meanwhile, since whoever does holds the store for writing.
    """
    with store.database.writing() as db:
        if _taken(jobs.live(db))[TRAINING.pool] >= places(TRAINING.pool, True):
            return False
        jobs.move(db, job, RUNNING)
        return True


def _waiting(live: Sequence[Job], job: Job) -> Job | None:
    return next((one for one in live if one.id == job.id and one.status == QUEUED), None)


def _live(store: RunStore) -> list[Job]:
    with store.database.reading() as db:
        return jobs.live(db) if db else []


def _taking_places(store: RunStore) -> list[Job]:
    """The jobs that start now; each has its place, so nobody else starts it."""
    with store.database.writing() as db:
        found = _may_start(jobs.live(db))
        for job in found:
            jobs.take_place(db, job)
    return found


def _may_start(live: Sequence[Job]) -> list[Job]:
    taken, found = _taken(live), list[Job]()
    for job in in_order(live):
        if taken[_pool(job)] < places(_pool(job), taken[TRAINING.pool] > 0):
            taken[_pool(job)] += 1
            found.append(job)
    return found


def _taken(live: Sequence[Job]) -> Counter[str]:
    """How many places of each pool are taken."""
    return Counter(_pool(job) for job in live if job.status == RUNNING)


def in_order(live: Sequence[Job]) -> list[Job]:
    """What waits, the next one first."""
    since = time.time() - _LOOKED_AT
    waiting = [(job, kind) for job in live if job.status == QUEUED and (kind := kind_of(job)) is not None]
    waiting.sort(key=lambda one: (one[0].looked_at <= since, one[1].rank, _turn(one[0])))
    return [job for job, _ in waiting]


def _turn(job: Job) -> tuple[float, int]:
    """Trainings in the order in which they were asked for; of the others, what was asked for last goes first."""
    return (job.asked, job.id) if job.kind == TRAINING.name else (-job.asked, -job.id)


def _pool(job: Job) -> str:
    kind = kind_of(job)
    return kind.pool if kind else ""


def _named(job: Job) -> str:
    if job.kind == TRAINING.name:
        return "the training"
    if job.kind == HEALTH.name:
        return f"looking over {job.arguments.get('name', 'data')}"
    what = job.arguments.get("name", job.subject) if job.kind in ("analysis", "backbone") else job.kind
    return f"{'backbone ' if job.kind == 'backbone' else ''}{what}".replace("_", " ")


def _start(store: RunStore, job: Job) -> None:
    kind = kind_of(job)
    assert kind is not None  # others are not in the line
    try:
        process = place.start(job.id, log_path(store.home, job.id), store.home, kind.threads)
    except OSError as error:
        problem = store_error(store.home, error)
        with store.database.writing() as db:
            jobs.move(db, job.id, FAILED, str(problem))
        raise problem from error
    with store.database.writing() as db:
        jobs.started(db, job.id, process.pid, process.mark)
