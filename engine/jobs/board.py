"""Everything that works, waits or is paused in the background, whatever its kind, in one list. No torch here."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass

from engine.errors import StoreDamaged
from engine.jobs import control, defending, queue
from engine.jobs.analyses import Analyses, Question
from engine.store import answers
from engine.store.store import RunStore
from engine.store.view import RunView

TRAINING, ANALYSIS, BACKBONE = "training", "analysis", "backbone"


@dataclass(frozen=True, slots=True)
class Listed:
    """A job as the board shows it.

    Attributes:
        kind: `TRAINING`, `ANALYSIS` or `BACKBONE`.
        title: what it is, for people; names of theirs stand in it as they are: escape them.
        status: running, paused, or waiting for a place.
        fraction: share that is done, 0..1, or None while nobody can tell.
        seconds_left: an estimate, or None.
        run: id of the run it is about, or `""`.
        key: by which `end` finds it.
    """

    kind: str
    title: str
    status: str
    fraction: float | None
    seconds_left: float | None
    run: str
    key: Question | str


def listed(store: RunStore) -> list[Listed]:
    """All jobs: trainings first, then what works, then what waits in its order."""
    found = [*_trainings(store), *_analyses(store), *_backbones(store)]
    return sorted(found, key=lambda job: (job.kind != TRAINING, job.status == answers.WAITING))


def end(store: RunStore, job: Listed) -> None:
    """Stop a training, which can be resumed; cancel an analysis; pause the making of a backbone.

    Raises:
        NotApplicable: it has ended meanwhile.
        StoreError: it cannot be written down.
    """
    if isinstance(job.key, Question):
        Analyses(store).cancel(job.key)
    elif job.kind == TRAINING:
        control.stop(job.key, store)
    else:
        defending.stop(job.key, store.home)


def _trainings(store: RunStore) -> Iterator[Listed]:
    for run in store.at_work():
        status = "paused" if run.status == "paused" else "running"
        title = f"Training {run.name or run.id}"
        yield Listed(TRAINING, title, status, *_far(store, run.id), run.id, run.id)


def _far(store: RunStore, run: str) -> tuple[float | None, float | None]:
    try:
        now = RunView(store, run).progress
    except StoreDamaged:  # the run's own pages say so; here it can still be stopped
        return None, None
    return now.fraction, now.eta_seconds


def _analyses(store: RunStore) -> Iterator[Listed]:
    for row in queue.asked_for(store):
        question = Question(row["run"], row["task"], row["name"], json.loads(row["settings"]))
        state = Analyses(store).state(question)
        if state is None:  # forgotten meanwhile
            continue
        status = answers.WAITING if state.status == answers.WAITING else "running"
        done = state.done / state.total if state.total else None
        title = f"{question.name.replace('_', ' ').capitalize()} of {question.run} after task {question.task + 1}"
        yield Listed(ANALYSIS, title, status, done, state.seconds_left, question.run, question)


def _backbones(store: RunStore) -> Iterator[Listed]:
    for job in defending.jobs(store.home):
        if job.status == "running":
            status = answers.WAITING if job.waiting else "running"
            done = job.step / job.steps if job.steps and not job.waiting else None
            yield Listed(BACKBONE, f"Backbone {job.name}", status, done, job.seconds_left, "", job.name)
