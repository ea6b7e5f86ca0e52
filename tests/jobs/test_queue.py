"""Background jobs never take more than their share, and what a person waits for comes first."""

from __future__ import annotations

import os
import sys
import time
from typing import Any

import pytest

from engine.jobs import defending, place, queue
from engine.jobs.analyses import Analyses, Question
from engine.runs.config import preset
from engine.store import answers
from engine.store.store import RunStore

NAMES = ("exemplars", "curves", "replay", "repairs", "thumbnails")


@pytest.fixture
def spawned(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the analyses whose process would have been started."""
    found: list[str] = []
    monkeypatch.setattr(Analyses, "_spawn", lambda self, question: found.append(question.name))
    return found


@pytest.fixture
def cores(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Say how many cores there are."""
    return lambda count: monkeypatch.setattr("engine.jobs.queue.os.cpu_count", lambda: count)


def run(store: RunStore, trains: bool) -> str:
    made = store.create(preset("tiny"), "")
    store.adopt(made, os.getpid(), "running")
    if not trains:
        store.set_status(made, "finished")
    return made


def asked(store: RunStore, trains: bool) -> tuple[Analyses, list[Question]]:
    made = run(store, trains)
    analyses, questions = Analyses(store), [Question(made, 0, name, {}) for name in NAMES]
    for question in questions:
        analyses.request(question)
    return analyses, questions


def end(analyses: Analyses, question: Question) -> None:
    """As its process does when it has ended, well or not."""
    analyses.fail(question, "no memory")
    analyses.advance()


@pytest.mark.parametrize(
    ("count", "training", "most"), [(1, True, 1), (2, True, 1), (8, True, 7), (1, False, 1), (2, False, 2)]
)
def test_the_limit_is_declared(count, training, most):
    assert queue.limit(training, count) == most


@pytest.mark.parametrize(("trains", "count", "at_once"), [(True, 2, 1), (True, 4, 3), (False, 2, 2)])
def test_five_asked_for_at_once_do_not_work_at_once(empty_store, spawned, cores, trains, count, at_once):
    cores(count)
    analyses, questions = asked(empty_store, trains)
    assert len(spawned) == at_once
    assert [analyses.state(q).status for q in questions].count(answers.WAITING) == len(NAMES) - at_once
    analyses.request(questions[-1])  # again: it keeps its place
    assert len(spawned) == at_once


def test_one_ends_and_the_one_asked_for_last_begins(empty_store, spawned, cores):
    cores(2)
    analyses, questions = asked(empty_store, True)
    assert spawned == ["exemplars"]
    assert analyses.waits(questions[4]) == queue.Place(1, ("exemplars",))
    assert analyses.waits(questions[1]) == queue.Place(4, ("exemplars",)) and analyses.waits(questions[0]) is None
    end(analyses, questions[0])
    assert spawned == ["exemplars", "thumbnails"]


def test_what_is_looked_at_overtakes_what_nobody_looks_at(empty_store, spawned, cores, monkeypatch):
    cores(2)
    analyses, questions = asked(empty_store, True)
    later = time.time() + 2 * queue._LOOKED_AT
    monkeypatch.setattr("engine.jobs.queue.time.time", lambda: later)
    monkeypatch.setattr("engine.store.liveness.STALE", 100.0)
    assert analyses.waits(questions[1]).number == 1  # asked for long before the others, but a page shows it now
    end(analyses, questions[0])
    assert spawned == ["exemplars", "curves"]


def test_the_queue_is_in_the_store_and_a_dead_process_frees_its_place(empty_store, spawned, cores):
    cores(2)
    _, questions = asked(empty_store, True)
    with empty_store.database.writing() as db:  # its process is gone without a word
        db.execute("UPDATE analyses SET pid = 1, pid_mark = 'nobody:0', heartbeat = 0 WHERE name = 'exemplars'")
    again = Analyses(RunStore(empty_store.home))
    assert again.state(questions[0]).status == "interrupted" and again.state(questions[1]).status == answers.WAITING
    again.advance()
    assert spawned == ["exemplars", "thumbnails"]


def test_who_waits_can_be_cancelled_or_computed_in_the_foreground(empty_store, spawned, cores):
    cores(2)
    analyses, questions = asked(empty_store, True)
    analyses.cancel(questions[4])
    assert analyses.state(questions[4]).status == "cancelled" and analyses.waits(questions[4]) is None
    assert analyses.claim(questions[3])  # as `python -m engine analyse` does
    assert analyses.state(questions[3]).status == "queued"


def test_a_backbone_waits_in_line_and_begins_when_a_place_is_free(empty_store, spawned, cores, monkeypatch):
    """The job is a process from the start, a real one; only its turn comes later."""
    monkeypatch.setattr(queue, "_LOOK_EVERY", 0.01)
    cores(1)
    analyses, questions = asked(empty_store, True)
    sleeps = [sys.executable, "-c", "import time; time.sleep(60)"]
    monkeypatch.setattr(place, "_command", lambda arguments: sleeps)
    job = defending.start("shield", "tga", {}, empty_store.home)
    try:
        assert job.status == "running" and job.waiting and queue._defences(empty_store) == []
        assert not queue._takes_turn(empty_store, job.folder)  # an analysis is at work
        for question in questions:
            analyses.cancel(question)
        queue.wait_turn(empty_store, job.folder)
        assert not defending.state("shield", empty_store.home).waiting
        assert queue._defences(empty_store) == ["shield"]
        analyses.request(questions[0])
        assert analyses.waits(questions[0]).behind == ("backbone shield", "the training")
    finally:
        defending.cancel("shield", empty_store.home)


def test_a_backbone_lets_what_is_looked_at_go_first(empty_store, spawned, cores, monkeypatch):
    cores(2)
    analyses, questions = asked(empty_store, True)
    job = empty_store.home / "backbones" / "shield"
    assert analyses.waits(questions[4]) is not None  # a page looks at it
    analyses.fail(questions[0], "no memory")  # a place is free now
    assert not queue._takes_turn(empty_store, job)


def test_a_backbone_being_hardened_takes_a_place(empty_store, spawned, cores, monkeypatch):
    cores(2)
    monkeypatch.setattr("engine.jobs.queue._defences", lambda store: ["shield"])
    analyses, questions = asked(empty_store, False)
    assert spawned == ["exemplars"]
    assert analyses.waits(questions[4]).behind == ("exemplars", "backbone shield")
