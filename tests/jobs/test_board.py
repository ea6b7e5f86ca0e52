"""The board lists every kind of job once, in the order in which people wait for them, and tries again what failed."""

from __future__ import annotations

import os

import pytest

from engine.errors import NotApplicable
from engine.jobs import backbones, board, control, files, queue
from engine.jobs.analyses import Analyses, Question
from engine.jobs.ending import end
from engine.jobs.kinds import REPORT
from engine.runs.config import preset
from engine.store import jobs
from engine.store.states import QUEUED
from tests.job_states import adopt, analysis, computing, set_status


@pytest.fixture
def asked(empty_store, monkeypatch):
    """A training at work, and two analyses of it, of which one has a place."""
    monkeypatch.setattr(queue, "_start", lambda store, job: None)
    monkeypatch.setattr(queue.os, "cpu_count", lambda: 2)
    run = empty_store.create(preset("tiny"), "my *birds*")
    adopt(empty_store, run, os.getpid(), "running")
    questions = [Question(run, 0, name, {}) for name in ("exemplars", "curves")]
    for question in questions:
        Analyses(empty_store).request(question)
    return run, questions


def told(found):
    return [(one.title, one.job.status) for one in found]


def test_nothing_works_in_an_empty_store(empty_store):
    assert board.listed(empty_store) == board.troubles(empty_store) == []


def test_every_kind_is_listed_once_and_what_waits_comes_last(empty_store, asked):
    run, _ = asked
    backbones.start(empty_store, "shield", "tga", {})
    files.make(empty_store, REPORT, run, 0)
    with (empty_store.home / "x.zip").open("w+b") as given:
        files.bring(empty_store, given)
    assert told(board.listed(empty_store)) == [
        ("Training my *birds*", "running"),
        ("Exemplars of my *birds* after task 1", "running"),
        ("Report of my *birds*", "running"),
        ("Bringing in a run", "running"),
        ("Curves of my *birds* after task 1", QUEUED),
        ("Backbone shield", QUEUED),
    ]
    assert board.listed(empty_store)[4].waits == "waits for exemplars, place 1"


def test_one_that_waits_goes_at_once_and_a_training_is_told(empty_store, asked):
    run, questions = asked
    training, _, waiting = board.listed(empty_store)
    end(empty_store, waiting.job)
    assert Analyses(empty_store).state(questions[1]).status == "stopped"
    end(empty_store, training.job)
    assert empty_store.training(run).wanted == "stop" and board.listed(empty_store)[0].job.stopping


def test_what_has_ended_meanwhile_says_so(empty_store, asked):
    run, _ = asked
    set_status(empty_store, run, "finished")
    with pytest.raises(NotApplicable, match="it is finished"):
        control.stop(run, empty_store)
    assert "Training my *birds*" not in [one.title for one in board.listed(empty_store)]


def test_progress_is_told(empty_store, asked):
    _, questions = asked
    Analyses(empty_store).cancel(questions[0])
    computing(empty_store, questions[0], 3, 4, "looking")
    (found,) = [one for one in board.listed(empty_store) if one.job.subject == questions[0].subject]
    assert found.fraction == 0.75 and found.seconds_left is not None


def test_what_failed_is_told_and_tried_again(empty_store, asked):
    _, questions = asked
    analysis(empty_store, questions[0], "failed", "no memory")
    (found,) = board.troubles(empty_store)
    assert (found.title, found.job.error) == ("Exemplars of my *birds* after task 1", "no memory")
    board.again(empty_store, found.job)
    assert board.troubles(empty_store) == [] and Analyses(empty_store).state(questions[0]).status == "running"
    with pytest.raises(NotApplicable, match="it is running"):
        board.again(empty_store, found.job)


def test_damaged_rows_neither_break_the_board_nor_are_started(empty_store, asked, behind_its_back):
    run, questions = asked
    behind_its_back(empty_store, "UPDATE jobs SET arguments = '{' WHERE subject = ?", questions[1].subject)
    behind_its_back(empty_store, "INSERT INTO events (run, task, kind, body) VALUES (?, 0, 'EpochEnded', '{')", run)
    found = board.listed(empty_store)
    assert [(one.job.kind, one.fraction) for one in found] == [("training", None), ("analysis", None)]
    Analyses(empty_store).cancel(questions[0])
    queue.advance(empty_store)
    with empty_store.database.reading() as db:
        assert [job.kind for job in jobs.live(db)] == ["training"]
