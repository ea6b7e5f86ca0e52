"""Start, pause and cancel experiments. Whoever calls goes on at once; a process of its own drives. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.jobs import queue
from engine.jobs.ending import end
from engine.jobs.kinds import CELL, EXPERIMENT, OF, kind_of
from engine.store import jobs
from engine.store.jobs import Job
from engine.store.shelf import Shelf
from engine.store.store import RunStore

NOT_STARTED = "not started"


def find(store: RunStore, number: int) -> Job | None:
    """The job that drives an experiment, or None if nobody asked for it."""
    with store.database.reading() as db:
        return jobs.find(db, EXPERIMENT.name, str(number)) if db else None


def status(store: RunStore, number: int) -> str:
    """Of that job, or `NOT_STARTED`."""
    job = find(store, number)
    return job.status if job else NOT_STARTED


def start(store: RunStore, number: int, title: str = "", where: Mapping[str, Any] | None = None) -> None:
    """Have what is left of an experiment done, or go on where it is paused.

    Args:
        title: for people.
        where: its runs are trained, as `engine.experiments.where.Where` gives it to jobs; on this machine if not given.

    Raises:
        NotApplicable: it is at work.
        StoreError: the store cannot be written, or no process can be started.
    """
    with store.database.writing() as db:
        job = jobs.find(db, EXPERIMENT.name, str(number))
        if job is not None and job.live and job.wanted == "pause":
            jobs.want(db, job, "run")
        else:
            jobs.ask(db, EXPERIMENT.name, str(number), {"title": title, **(where or {})})
    queue.advance(store)


def pause(store: RunStore, number: int) -> None:
    """Begin no more of its runs; those that train go on to their end. Nothing happens where it is not at work."""
    job = find(store, number)
    if job is not None and job.live:
        with store.database.writing() as db:
            jobs.want(db, job, "pause")


def cancel(store: RunStore, number: int) -> None:
    """Stop it and its runs; finished tasks are kept."""
    job = find(store, number)
    if job is not None:
        end(store, job)
    stop_runs(store, number)


def begun_by(store: RunStore, number: int) -> list[str]:
    """The runs on the shelf that an experiment asked for, but those somebody starred."""
    with store.database.reading() as db:
        trainings = jobs.trainings(db) if db else {}
    asked = {run for run, job in trainings.items() if job.arguments.get(OF) == number}
    return [entry.run.id for entry in Shelf(store).entries() if entry.run.id in asked and not entry.starred]


def stop_runs(store: RunStore, number: int) -> None:
    """Ask every training that an experiment asked for to stop at the next chance, or take it out of the line."""
    with store.database.reading() as db:
        live = jobs.live(db) if db else []
    for job in live:
        if kind_of(job) is CELL and job.arguments[OF] == number:
            end(store, job)
