"""Seals: what is stored and not what was written is noticed before it is shown, in every table."""

import sqlite3
from contextlib import closing

import pytest

from engine.errors import StoreDamaged, StoreError
from engine.jobs.analyses import Analyses, Question
from engine.runs.config import preset
from engine.store.database import FILE
from engine.store.scenarios import Scenarios
from engine.store.schema import STEPS
from engine.store.seals import SEALED, seal
from engine.store.shelf import Shelf
from engine.store.store import RunStore
from engine.store.view import RunView


@pytest.fixture
def store(own_tiny_home):
    return RunStore(own_tiny_home)


@pytest.fixture
def run(store):
    return store.resolve("last")


def test_a_seal_tells_types_borders_and_places_apart():
    different = [("a", "bc"), ("ab", "c"), ("a", b"bc"), ("1",), (1,), (1.0,), (None,), ("",), (b"",), ()]
    assert len({seal(*values) for values in different}) == len(different)
    assert seal("tasks", "run", 1) == seal("tasks", "run", 1) != seal("tasks", "run", 2)


def test_every_column_that_means_something_is_sealed(store):
    signs_of_life = {"pid", "pid_mark", "heartbeat", "looked_at", "asked", "began", "ended", "seal"}
    signs_of_life |= {"done", "total", "word", "base", "since"}
    with store.database.reading() as db:
        for table, sealed in SEALED.items():
            columns = {row["name"] for row in db.execute(f"PRAGMA table_info({table})")}
            assert columns - set(sealed) <= signs_of_life, table


def test_an_accuracy_that_was_not_measured_is_not_shown(store, run, behind_its_back):
    behind_its_back(store, "UPDATE tasks SET accuracy = 0.999 WHERE task = 1")
    summary = store.runs()[0]
    assert (summary.status, summary.last_accuracy, summary.average_accuracy) == ("damaged", None, None)
    assert "not what was written" in summary.error
    assert [entry.run.status for entry in Shelf(store).entries()] == ["damaged"]
    with pytest.raises(StoreDamaged, match=r"tasks: .*, 1"):
        store.tasks_done(run)


def test_a_metric_with_one_other_bit_or_another_ones_values_is_refused(store, run, behind_its_back):
    view = RunView(store, run)
    with store.database.reading() as db:
        data = db.execute("SELECT data FROM metrics WHERE name = 'class_il' AND task = 2").fetchone()[0]
    flipped = data[:-1] + bytes([data[-1] ^ 1])
    behind_its_back(
        store, "UPDATE metrics SET data = ? WHERE name = 'class_il' AND split = 'test' AND task = 2", flipped
    )
    with pytest.raises(StoreDamaged, match=r"2, test, class_il"):
        view.accuracy("test")
    assert Shelf(store).matrices(store.runs()) == {}
    exchanged = "UPDATE metrics SET split = CASE split WHEN 'test' THEN 'x' ELSE 'test' END WHERE name = 'confusion'"
    behind_its_back(store, exchanged)
    with pytest.raises(StoreDamaged, match="confusion"):
        view.confusion(0)


def test_a_metric_that_is_missing_after_one_task_is_named(store, run, behind_its_back):
    behind_its_back(store, "DELETE FROM metrics WHERE name = 'class_il' AND task = 1")
    with pytest.raises(StoreDamaged, match="class_il on test images is missing"):
        RunView(store, run).accuracy("test")


@pytest.mark.parametrize(
    ("statement", "read"),
    [
        ("UPDATE runs SET config = replace(config, '1993', '1994')", lambda store, run: store.row(run)),
        ("UPDATE runs SET setup = replace(setup, 'test', 'tset')", lambda store, run: RunView(store, run).class_names),
        ("UPDATE runs SET name = x'ff00'", lambda store, run: store.row(run)),
        ("UPDATE jobs SET status = 'finjshed'", lambda store, run: store.status(run)),
        ("UPDATE events SET body = '{'", lambda store, run: RunView(store, run).epochs()),
        ("DELETE FROM tasks WHERE task = 0", lambda store, run: store.tasks_done(run)),
        ("UPDATE tasks SET snapshot = 'ab' WHERE task = 0", lambda store, run: RunView(store, run).snapshot(0)),
    ],
)
def test_a_damaged_row_is_an_error_that_names_it_and_hides_no_other_run(store, run, statement, read, behind_its_back):
    behind_its_back(store, statement)
    other = store.create(preset("tiny"), "sound")
    with pytest.raises(StoreDamaged):
        read(store, run)
    listed = {summary.id: summary.status for summary in store.runs()}
    assert listed[other] == "queued"
    store.delete(run)  # what is damaged can still be deleted
    assert [summary.id for summary in store.runs()] == [other]


def test_damaged_results_edits_and_notes_are_refused(store, run, behind_its_back):
    question = Question(run, 2, "thumbnails", {})
    analyses, scenarios = Analyses(store), Scenarios(store)
    with store.database.writing() as db:
        db.execute("INSERT INTO analyses (run, task, name, settings) VALUES (?, 2, 'thumbnails', '{}')", (run,))
        db.execute("INSERT INTO results (analysis, name, data) SELECT id, 'pictures', x'00' FROM analyses")
    kept = scenarios.save(run, 0, "mine", [{"kind": "bias"}])
    Shelf(store).note(run, "a note")
    behind_its_back(store, "UPDATE results SET name = 'images'")
    behind_its_back(store, "UPDATE scenarios SET edits = '[]'")
    with pytest.raises(StoreDamaged):
        analyses.result(question)
    with pytest.raises(StoreDamaged):
        scenarios.get(run, kept.id)


def test_a_connection_that_knows_no_seals_cannot_write(store):
    with closing(sqlite3.connect(store.home / FILE)) as db, pytest.raises(sqlite3.OperationalError, match="seal"):
        db.execute("UPDATE tasks SET accuracy = 1.0")


def test_a_store_without_one_of_its_columns_or_triggers_is_damaged(store):
    with closing(sqlite3.connect(store.home / FILE)) as db:
        db.execute("DROP TRIGGER seal_new_tasks")
    with pytest.raises(StoreDamaged, match="tables of Plumage"):
        store.runs()


def test_an_older_store_is_sealed_as_it_stands(tmp_path, behind_its_back):
    with closing(sqlite3.connect(tmp_path / FILE)) as db:
        for statement in (statement for step in STEPS[:3] for statement in step):
            db.execute(statement)
        columns = "id, name, created, config, status, wanted, heartbeat, machine"
        config = '{"method": "ncm", "seed": 3}'
        db.execute(f"INSERT INTO runs ({columns}) VALUES ('r', 'old', 1, ?, 'finished', 'run', 1, 'm')", (config,))
        db.execute("INSERT INTO tasks VALUES ('r', 0, 1.0, 1.0, 0.5, 2.0)")
        db.execute("PRAGMA user_version = 3")
        db.commit()
    store = RunStore(tmp_path)
    assert store.runs()[0].last_accuracy == 0.5  # read without being written to
    assert store.snapshot_digest("r", 0) == ""
    Shelf(store).star("r")
    assert store.runs()[0].last_accuracy == 0.5
    behind_its_back(store, "UPDATE tasks SET accuracy = 0.6")
    assert store.runs()[0].status == "damaged"


def test_a_store_that_is_removed_while_a_run_works_is_not_made_anew(store, run):
    import shutil

    shutil.rmtree(store.home)
    with pytest.raises(StoreError, match="no such run"):
        store.append(run, [])
    assert not store.home.exists()
