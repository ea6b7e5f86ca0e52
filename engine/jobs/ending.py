"""Ending a job, whatever its kind. No torch here."""

from __future__ import annotations

from engine.jobs import place
from engine.jobs.kinds import TRAINING, kind_of
from engine.store import jobs
from engine.store.jobs import Job
from engine.store.states import PAUSED, QUEUED, RUNNING, STOPPED
from engine.store.store import RunStore


def end(store: RunStore, job: Job) -> None:
    """Take a job out of the line, ask its process to end at the next chance, or tell it to go.

    What it had finished is kept; it can be asked for again. Nothing happens to one that has ended.

    Raises:
        StoreError: it cannot be written down.
    """
    with store.database.writing() as db:
        now = jobs.get(db, job.id)
        if now.live:
            jobs.want(db, now, "stop")
        if now.status == QUEUED or (now.live and now.pid is None):  # a process that comes later goes at once
            jobs.move(db, now.id, STOPPED)
    if now.status in (RUNNING, PAUSED) and not (kind_of(now) or TRAINING).heeds:
        place.end(now.pid, now.pid_mark)
