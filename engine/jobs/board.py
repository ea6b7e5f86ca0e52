"""Everything that works, waits or is paused in the background, whatever its kind, in one list. No torch here."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from engine.errors import PlumageError, StoreDamaged
from engine.jobs import queue
from engine.jobs.analyses import Question
from engine.jobs.kinds import (
    ANALYSIS,
    ARCHIVE,
    BACKBONE,
    CONCEPTS,
    ERRAND,
    EXPERIMENT,
    HEALTH,
    IMPORT,
    REPORT,
    SCALARS,
    SLIDES,
    TRAINING,
)
from engine.store import jobs
from engine.store.experiments import KeptExperiments
from engine.store.jobs import Job
from engine.store.states import FAILED, INTERRUPTED, QUEUED
from engine.store.store import RunStore
from engine.store.view import RunView

_REMEMBERED = 24 * 3600.0
"""Seconds for which a job that went wrong is listed."""
_TITLES = {
    REPORT.name: "Report of",
    ARCHIVE.name: "Archive of",
    SCALARS.name: "Scalars of",
    SLIDES.name: "Slides of",
    TRAINING.name: "Training",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A job as the board shows it.

    Attributes:
        job: as the store has it.
        title: what it is, for people; names of theirs stand in it as they are: escape them.
        fraction: share that is done, 0..1, or None while nobody can tell.
        seconds_left: an estimate, or None.
        waits: where it stands in the line, in words, or nothing where it does not wait.
    """

    job: Job
    title: str
    fraction: float | None
    seconds_left: float | None
    waits: str


def listed(store: RunStore) -> list[Listed]:
    """All jobs that live: trainings first, then what works, then what waits in its order."""
    with store.database.reading() as db:
        live = jobs.live(db) if db else []
    at_work = sorted((job for job in live if job.status != QUEUED), key=lambda job: job.kind != TRAINING.name)
    return [_listed(store, job, live) for job in (*at_work, *queue.in_order(live))]


def troubles(store: RunStore) -> list[Listed]:
    """What failed or died of late; a run's training is not among them, since every list of runs says how it ended."""
    with store.database.reading() as db:
        ended = jobs.ended(db, time.time() - _REMEMBERED) if db else []
    return [_listed(store, job, ()) for job in ended if job.status in (FAILED, INTERRUPTED)]


def again(store: RunStore, job: Job) -> None:
    """Ask for a job again that went wrong.

    Raises:
        NotApplicable: it is at work or waits already.
        StoreError: the store cannot be written, or no process can be started.
    """
    with store.database.writing() as db:
        jobs.ask(db, job.kind, job.subject, job.arguments, job.run)
    queue.advance(store)


def _listed(store: RunStore, job: Job, live: Sequence[Job]) -> Listed:
    waits = queue.place_of(job, live).words if job.status == QUEUED else ""
    fraction, left = job.share, job.seconds_left
    if job.kind == TRAINING.name and job.live:
        fraction, left = _far(store, job.subject)
    return Listed(job, _title(store, job), fraction, left, waits)


def _title(store: RunStore, job: Job) -> str:
    if job.kind == ANALYSIS.name:
        asked = Question.of(job)
        return f"{asked.name.replace('_', ' ').capitalize()} of {_name(store, job)} after task {asked.task + 1}"
    if job.kind == BACKBONE.name:
        return f"Backbone {job.subject}"
    if job.kind == HEALTH.name:
        return f"Looking over {job.arguments['name']}"
    if job.kind in (CONCEPTS.name, ERRAND.name):
        return str(job.arguments["title"])
    if job.kind == EXPERIMENT.name:
        return f"Experiment {_experiment(store, job)}"
    return "Bringing in a run" if job.kind == IMPORT.name else f"{_TITLES[job.kind]} {_name(store, job)}"


def _experiment(store: RunStore, job: Job) -> str:
    try:
        return KeptExperiments(store.database).get(int(job.subject)).name
    except PlumageError:  # damaged, which its own page says
        return job.subject


def _name(store: RunStore, job: Job) -> str:
    try:
        return str(store.row(str(job.run))["name"]) or str(job.run)
    except StoreDamaged:
        return str(job.run)


def _far(store: RunStore, run: str) -> tuple[float | None, float | None]:
    try:
        now = RunView(store, run).progress
    except StoreDamaged:  # the run's own pages say so; here it can still be stopped
        return None, None
    return now.fraction, now.eta_seconds
