"""The board lists every kind of job once, in the order in which people wait for them, and ends any of them."""

from __future__ import annotations

import os
import sys
import time

import pytest

from engine.errors import NotApplicable
from engine.jobs import board, defending, place, queue
from engine.jobs.analyses import Analyses, Question
from engine.runs.config import preset
from engine.store.answers import WAITING


@pytest.fixture
def asked(empty_store, monkeypatch):
    """A training at work, and two analyses of it, of which one has a place."""
    monkeypatch.setattr(Analyses, "_spawn", lambda self, question: None)
    monkeypatch.setattr(queue.os, "cpu_count", lambda: 2)
    run = empty_store.create(preset("tiny"), "my *birds*")
    empty_store.adopt(run, os.getpid(), "running")
    questions = [Question(run, 0, name, {}) for name in ("exemplars", "curves")]
    for question in questions:
        Analyses(empty_store).request(question)
    return run, questions


def test_nothing_works_in_an_empty_store(empty_store):
    assert board.listed(empty_store) == []


def test_every_kind_is_listed_once_and_what_waits_comes_last(empty_store, asked, monkeypatch):
    run, _ = asked
    sleeps = [sys.executable, "-c", "import time; time.sleep(60)"]
    monkeypatch.setattr(place, "_command", lambda arguments: sleeps)
    defending.start("shield", "tga", {}, empty_store.home)
    defending.take_turn(defending.state("shield", empty_store.home).folder)
    try:
        found = board.listed(empty_store)
        assert [(job.kind, job.status) for job in found] == [
            (board.TRAINING, "running"),
            (board.ANALYSIS, "running"),
            (board.BACKBONE, "running"),
            (board.ANALYSIS, WAITING),
        ]
        assert [job.title for job in found] == [
            "Training my *birds*",
            f"Exemplars of {run} after task 1",
            "Backbone shield",
            f"Curves of {run} after task 1",
        ]
        board.end(empty_store, found[2])
        end = time.monotonic() + 30
        while defending.state("shield", empty_store.home).status == "running":
            assert time.monotonic() < end
            time.sleep(0.02)
        assert defending.state("shield", empty_store.home).status == "stopped"
    finally:
        defending.cancel("shield", empty_store.home)


def test_an_analysis_is_cancelled_and_a_training_told_to_stop(empty_store, asked):
    run, questions = asked
    training, _, waiting = board.listed(empty_store)
    board.end(empty_store, waiting)
    assert Analyses(empty_store).state(questions[1]).status == "cancelled"
    board.end(empty_store, training)
    assert empty_store.row(run)["wanted"] == "stop"


def test_what_has_ended_meanwhile_says_so(empty_store, asked):
    run, _ = asked
    training = board.listed(empty_store)[0]
    empty_store.set_status(run, "finished")
    with pytest.raises(NotApplicable, match="it is finished"):
        board.end(empty_store, training)
    assert board.TRAINING not in [job.kind for job in board.listed(empty_store)]


def test_progress_is_told(empty_store, asked):
    _, questions = asked
    Analyses(empty_store).report(questions[0], 3, 4, "looking")
    (job,) = [job for job in board.listed(empty_store) if job.key == questions[0]]
    assert job.fraction == 0.75 and job.seconds_left is not None


def test_damaged_rows_neither_break_the_board_nor_are_started(empty_store, asked, behind_its_back):
    run, questions = asked
    behind_its_back(empty_store, "UPDATE analyses SET settings = '{' WHERE name = 'curves'")
    behind_its_back(empty_store, "INSERT INTO events (run, task, kind, body) VALUES (?, 0, 'EpochEnded', '{')", run)
    found = board.listed(empty_store)
    assert [(job.kind, job.fraction) for job in found] == [(board.TRAINING, None), (board.ANALYSIS, None)]
    Analyses(empty_store).cancel(questions[0])
    assert queue.due(empty_store) == []
