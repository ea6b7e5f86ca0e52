"""Longer looks at a run: asked once, computed once, watched by all, and never half-stored."""

import os
import signal
import sqlite3
import sys

import numpy as np
import pytest

from engine.errors import NotApplicable, StoreDamaged
from engine.jobs.analyses import Analyses, Question
from engine.runs.config import preset
from engine.store.database import FILE
from engine.store.liveness import alive
from engine.store.schema import STEPS, VERSION
from engine.store.states import LIVE
from engine.store.store import RunStore
from tests.job_states import analysis, computing, set_status

GIVEN = {
    "rows": np.array([[3, 1, 0, -1]]),
    "scores": np.array([[1.5, 1.0, 0.5, np.nan]], np.float32),
    "text_maps": np.zeros((1, 4, 0, 0), np.float16),
    "row_maps": np.zeros((1, 4, 0, 0), np.float16),
    "hits": np.array([[True, False, False, False]]),
    "known": np.array([True]),
}
"""What `exemplars` finds for one concept."""


@pytest.fixture
def asked(empty_store):
    return Analyses(empty_store), Question(empty_store.create(preset("tiny")), 0, "exemplars", {})


def test_an_answer_is_kept_whole_and_given_back_as_it_was(asked, empty_store):
    analyses, question = asked
    assert analyses.state(question) is None and analyses.result(question) is None
    computing(empty_store, question, 1, 4, "looking")
    state = analyses.state(question)
    assert (state.status, state.done, state.total, state.word) == ("running", 1, 4, "looking")
    assert state.seconds_left >= 0
    given = GIVEN
    analyses.keep(question, given, 2.5)
    kept = analyses.result(question)
    assert kept.keys() == given.keys()
    for name, array in given.items():
        np.testing.assert_array_equal(kept[name], array)
        assert kept[name].dtype == array.dtype
    assert (analyses.state(question).status, analyses.state(question).seconds) == ("finished", 2.5)


def test_only_one_computes_it(asked):
    analyses, question = asked
    job = analyses.claim(question)
    with pytest.raises(NotApplicable, match="it is running"):
        analyses.claim(question)
    analyses.keep(question, GIVEN, 0.1)
    assert analyses.claim(question) is None  # there
    analyses.forget(question)
    assert analyses.result(question) is None and analyses.claim(question) != job


def test_settings_and_task_tell_answers_apart_and_their_order_does_not(asked):
    analyses, question = asked
    one = Question(question.run, 0, "replay", {"scenario": "test", "until": 9})
    analyses.claim(one)
    counted, shared = np.zeros((3, 1), np.int64), np.full((3, 1), 0.5)
    again = {
        **dict.fromkeys(("kept", "alone", "trained"), counted),
        **dict.fromkeys(("edited", "plain", "forked"), shared),
    }
    again |= {**dict.fromkeys(("corrected", "broken"), counted[:, 0]), "split": np.array(["val", "test", "moved"])}
    analyses.keep(one, {**again, "task": np.array([1]), "skipped": counted[:1, 0]}, 0.1)
    same = Question(question.run, 0, "replay", {"until": 9, "scenario": "test"})
    assert analyses.result(same)["task"] == 1
    for other in (
        Question(question.run, 1, "replay", dict(one.settings)),
        Question(question.run, 0, "replay", {"scenario": "test"}),
        Question(question.run, 0, "other", dict(one.settings)),
    ):
        assert analyses.result(other) is None


def test_a_cancelled_one_stores_nothing_and_can_be_asked_again(asked):
    analyses, question = asked
    analyses.claim(question)
    analyses.cancel(question)
    analyses.keep(question, GIVEN, 0.1)
    assert analyses.result(question) is None
    assert analyses.state(question).status == "stopped"
    assert analyses.claim(question)


def test_a_failure_leaves_its_reason(asked, empty_store):
    analyses, question = asked
    analyses.claim(question)
    analysis(empty_store, question, "failed", "no patches. Choose a ViT.")
    assert (analyses.state(question).status, analyses.state(question).error) == ("failed", "no patches. Choose a ViT.")
    assert analyses.claim(question)


def test_one_whose_process_died_is_interrupted_and_can_be_asked_again(asked, empty_store):
    analyses, question = asked
    analyses.claim(question)
    with empty_store.database.writing() as db:
        db.execute("UPDATE jobs SET pid = 1, pid_mark = 'elsewhere:1', heartbeat = 0 WHERE kind = 'analysis'")
    assert analyses.state(question).status == "interrupted"
    assert analyses.claim(question)


def test_it_goes_with_its_run(asked, empty_store):
    analyses, question = asked
    analyses.claim(question)
    analyses.keep(question, GIVEN, 0.1)
    set_status(empty_store, question.run, "stopped")
    empty_store.delete(question.run)
    with empty_store.database.reading() as db:
        assert db.execute("SELECT COUNT(*) FROM results").fetchone()[0] == 0


def test_a_damaged_answer_is_named(asked, empty_store):
    analyses, question = asked
    analyses.claim(question)
    analyses.keep(question, GIVEN, 0.1)
    with empty_store.database.writing() as db:
        db.execute("UPDATE results SET data = X'00'")
    with pytest.raises(StoreDamaged, match="exemplars"):
        analyses.result(question)


def test_the_process_reports_an_unknown_analysis_as_failed(asked, wait_until):
    analyses, question = asked
    nonsense = Question(question.run, 0, "nonsense", {})
    analyses.request(nonsense)
    wait_until(lambda: analyses.state(nonsense).status not in LIVE)
    state = analyses.state(nonsense)
    assert state.status == "failed"
    assert "exemplars" in state.error  # what there is


def test_an_older_store_gains_the_new_tables_and_loses_nothing(tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    with sqlite3.connect(home / FILE) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.executescript(";".join(STEPS[0]))
        db.execute("PRAGMA user_version = 1")
        db.execute(
            "INSERT INTO runs (id, name, created, config, status, wanted, heartbeat, machine) "
            """VALUES ('old', '', 1, '{"method": "ncm", "seed": 1}', 'finished', 'run', 1, 'm')"""
        )
    db.close()
    store = RunStore(home)
    question = Question("old", 0, "exemplars", {})
    assert Analyses(store).result(question) is None and Analyses(store).state(question) is None  # only read
    assert [run.id for run in store.runs()] == ["old"]
    assert Analyses(store).claim(question)
    assert [run.id for run in store.runs()] == ["old"]
    with store.database.reading() as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == VERSION


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_cancelling_ends_the_process(own_tiny_home, wait_until):
    store = RunStore(own_tiny_home)
    analyses = Analyses(store)
    question = Question(store.resolve("last"), 2, "exemplars", {})
    analyses.request(question)
    wait_until(lambda: analyses.job(question).pid is not None)
    pid, mark = analyses.job(question).pid, analyses.job(question).pid_mark
    os.kill(pid, signal.SIGSTOP)  # so that it cannot finish before it is cancelled
    assert alive(pid, mark, 0)
    analyses.cancel(question)
    os.kill(pid, signal.SIGCONT)
    wait_until(lambda: not alive(pid, mark, 0))
    assert analyses.state(question).status == "stopped"
    assert analyses.result(question) is None
