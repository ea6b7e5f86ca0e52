"""Jobs never take more than their share, and what a person waits for comes first."""

from __future__ import annotations

import os
import time
from typing import Any

import pytest

from engine.jobs import backbones, files, queue
from engine.jobs.analyses import Analyses, Question
from engine.jobs.kinds import ANALYSIS, BACKBONE, FILES, KINDS, REPORT, TRAINING
from engine.runs.config import preset
from engine.store.states import QUEUED
from engine.store.store import RunStore
from tests.job_states import adopt, analysis, set_status

NAMES = ("exemplars", "curves", "replay", "repairs", "thumbnails")


@pytest.fixture
def spawned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the processes that would have been started do."""
    found: list[str] = []
    monkeypatch.setattr(queue, "_start", lambda store, job: found.append(job.arguments.get("name", job.kind)))
    return found


@pytest.fixture
def cores(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Say how many cores there are."""
    return lambda count: monkeypatch.setattr("engine.jobs.queue.os.cpu_count", lambda: count)


def run(store: RunStore, trains: bool) -> str:
    made = store.create(preset("tiny"), "")
    adopt(store, made, os.getpid(), "running")
    if not trains:
        set_status(store, made, "finished")
    return made


def asked(store: RunStore, trains: bool) -> tuple[Analyses, list[Question]]:
    made = run(store, trains)
    analyses, questions = Analyses(store), [Question(made, 0, name, {}) for name in NAMES]
    for question in questions:
        analyses.request(question)
    return analyses, questions


def end(store: RunStore, question: Question) -> None:
    """As its process does when it has ended, well or not."""
    analysis(store, question, "failed", "no memory")
    queue.advance(store)


@pytest.mark.parametrize(
    ("count", "training", "most"), [(1, True, 1), (2, True, 1), (8, True, 7), (1, False, 1), (2, False, 2)]
)
def test_the_limit_is_declared(count, training, most):
    assert queue.places("background", training, count) == most


@pytest.mark.parametrize(("count", "most"), [(1, 1), (2, 1), (4, 2), (9, 4)])
def test_so_is_how_many_runs_are_trained_at_once(count, most):
    assert queue.places("trainings", True, count) == most


def test_what_a_person_waits_for_goes_first_and_the_background_steps_back():
    assert max(kind.rank for kind in FILES) < TRAINING.rank < ANALYSIS.rank < BACKBONE.rank
    assert TRAINING.nice < ANALYSIS.nice < BACKBONE.nice and set(KINDS) == {kind.name for kind in KINDS.values()}


@pytest.mark.parametrize(("trains", "count", "at_once"), [(True, 2, 1), (True, 4, 3), (False, 2, 2)])
def test_five_asked_for_at_once_do_not_work_at_once(empty_store, spawned, cores, trains, count, at_once):
    cores(count)
    analyses, questions = asked(empty_store, trains)
    assert len(spawned) == at_once
    assert [analyses.state(q).status for q in questions].count(QUEUED) == len(NAMES) - at_once
    analyses.request(questions[-1])  # again: it keeps its place
    assert len(spawned) == at_once


def test_one_ends_and_the_one_asked_for_last_begins(empty_store, spawned, cores):
    cores(2)
    analyses, questions = asked(empty_store, True)
    assert spawned == ["exemplars"]
    assert analyses.waits(questions[4]) == queue.Place(1, ("exemplars",))
    assert analyses.waits(questions[1]) == queue.Place(2, ("exemplars",)) and analyses.waits(questions[0]) is None
    end(empty_store, questions[0])
    assert spawned == ["exemplars", "thumbnails"]


def test_what_is_looked_at_overtakes_what_nobody_looks_at(empty_store, spawned, cores, monkeypatch):
    cores(2)
    analyses, questions = asked(empty_store, True)
    later = time.time() + 2 * queue._LOOKED_AT
    monkeypatch.setattr("engine.jobs.queue.time.time", lambda: later)
    monkeypatch.setattr("engine.store.liveness.STALE", 100.0)
    assert analyses.waits(questions[1]).number == 1  # asked for long before the others, but a page shows it now
    end(empty_store, questions[0])
    assert spawned == ["exemplars", "curves"]


def test_the_queue_is_in_the_store_and_a_dead_process_frees_its_place(empty_store, spawned, cores):
    cores(2)
    _, questions = asked(empty_store, True)
    with empty_store.database.writing() as db:  # its process is gone without a word
        query = "UPDATE jobs SET pid = 1, pid_mark = 'nobody:0', heartbeat = 0 WHERE subject = ?"
        db.execute(query, (questions[0].subject,))
    again = RunStore(empty_store.home)
    states = [Analyses(again).state(question).status for question in questions[:2]]
    assert states == ["interrupted", QUEUED]
    queue.advance(again)
    assert spawned == ["exemplars", "thumbnails"]


def test_who_waits_can_be_cancelled_or_computed_in_the_foreground(empty_store, spawned, cores):
    cores(2)
    analyses, questions = asked(empty_store, True)
    analyses.cancel(questions[4])
    assert analyses.state(questions[4]).status == "stopped" and analyses.waits(questions[4]) is None
    assert analyses.claim(questions[3])  # as `python -m engine analyse` does
    assert analyses.state(questions[3]).status == "running"


def test_a_report_has_places_of_its_own_and_a_backbone_waits_for_analyses(empty_store, spawned, cores):
    cores(2)
    made = run(empty_store, True)
    first = Question(made, 0, "exemplars", {})
    Analyses(empty_store).request(first)
    backbones.start(empty_store, "shield", "tga", {})
    Analyses(empty_store).request(Question(made, 0, "curves", {}))
    files.make(empty_store, REPORT, made, 0)
    job = backbones.get(empty_store, "shield").job
    assert job is not None and queue.waits(empty_store, job) == queue.Place(1, ("exemplars",))  # it is looked at
    with empty_store.database.writing() as db:
        db.execute("UPDATE jobs SET looked_at = 0")
    for _ in range(3):
        with empty_store.database.writing() as db:
            db.execute("UPDATE jobs SET status = 'finished' WHERE status = 'running' AND kind <> 'training'")
        queue.advance(empty_store)
    assert spawned == ["exemplars", "report", "curves", "shield"]  # a complete report waits for analyses itself


def test_trainings_wait_for_trainings_only_and_in_their_order(empty_store, spawned, cores):
    cores(2)
    first = run(empty_store, True)
    waiting = [empty_store.create(preset("tiny")) for _ in range(2)]
    Analyses(empty_store).request(Question(first, 0, "exemplars", {}))
    queue.advance(empty_store)
    assert spawned == ["exemplars"]
    places = [queue.waits(empty_store, empty_store.training(run)) for run in waiting]
    assert places[0] == queue.Place(1, ("the training",)) and places[1].number == 2
    set_status(empty_store, first, "paused")
    with empty_store.database.writing() as db:
        db.execute("UPDATE jobs SET looked_at = 0")
    queue.advance(empty_store)
    assert [empty_store.status(run) for run in waiting] == ["running", "queued"]
