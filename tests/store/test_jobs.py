"""The table of jobs: what was asked for once is there once, and no state is reached that cannot be."""

from __future__ import annotations

import os
import time

import pytest

from engine.errors import NotApplicable, StoreDamaged
from engine.store import jobs
from engine.store.liveness import process_mark
from engine.store.states import (
    FAILED,
    FINISHED,
    INTERRUPTED,
    LIVE,
    PAUSED,
    QUEUED,
    RESUMABLE,
    RUNNING,
    STOPPED,
    may_follow,
)

ALL = (QUEUED, RUNNING, PAUSED, INTERRUPTED, STOPPED, FAILED, FINISHED)


@pytest.fixture
def db(empty_store):
    with empty_store.database.writing() as db:
        yield db


def ask(db, **more):
    return jobs.ask(db, "report", "r", {"command": []}, **more)


def at_work(db):
    number = ask(db)
    jobs.adopt(db, number, os.getpid(), process_mark(os.getpid()))
    return number


def test_every_state_is_live_or_ended():
    assert {*LIVE, *RESUMABLE, FINISHED} == set(ALL) and not LIVE & RESUMABLE


def test_what_may_follow_what():
    assert {after for after in ALL if may_follow(QUEUED, after)} == {QUEUED, RUNNING, STOPPED, FAILED, FINISHED}
    assert not may_follow(QUEUED, PAUSED) and not may_follow(PAUSED, FINISHED)
    for ended in (INTERRUPTED, STOPPED, FAILED, FINISHED):
        assert {after for after in ALL if may_follow(ended, after)} == {ended, QUEUED, RUNNING}


def test_asked_twice_it_is_there_once_and_keeps_its_number(db):
    number = ask(db)
    with pytest.raises(NotApplicable, match="it is queued"):
        ask(db)
    jobs.move(db, number, FAILED, "no memory")
    assert jobs.get(db, number).error == "no memory"
    assert ask(db) == number
    job = jobs.get(db, number)
    assert (job.status, job.error, job.pid, job.done, job.made) == (QUEUED, None, None, 0, "")


def test_who_waits_may_be_done_at_once_by_who_asks(db):
    assert ask(db) == ask(db, status=RUNNING)
    with pytest.raises(NotApplicable, match="it is running"):
        ask(db, status=RUNNING)


def test_no_state_is_jumped_to(db):
    number = ask(db)
    with pytest.raises(NotApplicable, match="it is queued"):
        jobs.move(db, number, PAUSED)
    jobs.move(db, number, STOPPED)
    with pytest.raises(NotApplicable, match="stopped before it began"):
        jobs.adopt(db, number, os.getpid(), "")


def test_only_its_own_process_reports(db):
    number = at_work(db)
    assert jobs.report(db, number, os.getpid(), 1, 4, "looking")
    assert not jobs.report(db, number, os.getpid() + 1, 2, 4, "looking")
    job = jobs.get(db, number)
    assert (job.done, job.share, job.word) == (1, 0.25, "looking")


def test_time_left_counts_from_where_the_count_began(db, monkeypatch):
    """A tuning resumed at step 500 of 1,000 has not done 500 steps in its first second."""
    number, began = at_work(db), time.time()
    monkeypatch.setattr(jobs.time, "time", lambda: began)
    jobs.report(db, number, os.getpid(), 500, 1000, "")
    assert jobs.get(db, number).seconds_left is None
    monkeypatch.setattr(jobs.time, "time", lambda: began + 10)
    jobs.report(db, number, os.getpid(), 510, 1000, "")
    assert jobs.get(db, number).seconds_left == pytest.approx(490)
    jobs.report(db, number, os.getpid(), 3, 80, "the next count")
    assert jobs.get(db, number).seconds_left is None


def test_the_dead_are_interrupted_or_stopped_where_that_was_asked(db):
    number = at_work(db)
    db.execute("UPDATE jobs SET pid_mark = 'nobody:0', heartbeat = 0")
    assert jobs.get(db, number).status == INTERRUPTED and jobs.live(db) == []
    assert [job.id for job in jobs.ended(db, -1)] == [number]
    jobs.want(db, jobs.get(db, number), "stop")
    assert jobs.get(db, number).status == STOPPED


def test_a_damaged_job_is_named_and_hides_no_other(empty_store, behind_its_back):
    with empty_store.database.writing() as db:
        one, other = ask(db), jobs.ask(db, "report", "other", {})
    behind_its_back(empty_store, "UPDATE jobs SET arguments = '[]' WHERE id = ?", one)
    with empty_store.database.reading() as db:
        assert [job.id for job in jobs.live(db)] == [other]
        with pytest.raises(StoreDamaged, match="report, r"):
            jobs.get(db, one)
    with empty_store.database.writing() as db:
        jobs.drop(db, "report", "r")
        assert jobs.numbers(db) == {other}
