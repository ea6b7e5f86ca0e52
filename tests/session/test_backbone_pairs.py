"""Runs that differ in the backbone alone are found, and no others."""

import pytest

from engine.runs.config import configure
from engine.session.backbone_pairs import twins
from engine.store.store import RunStore
from engine.store.view import RunView

OTHER = "aviary-clip-tga"


@pytest.fixture
def home_store(tmp_path):
    return RunStore(tmp_path)


def config(**sets):
    return configure("tiny", sets)


def test_only_the_backbone_may_differ(home_store):
    mine = home_store.create(config())
    twin = home_store.create(config(backbone=OTHER), "the twin")
    home_store.create(config(backbone=OTHER, test_per_class="9"))
    home_store.create(config(), "the same again")
    found = twins(home_store, RunView(home_store, mine))
    assert [(t.run_id, t.name, t.backbone, t.tasks_done) for t in found] == [(twin, "the twin", OTHER, 0)]
    assert [t.backbone for t in twins(home_store, RunView(home_store, twin))] == ["aviary-clip"]


def test_of_several_on_one_backbone_the_one_that_got_furthest(home_store, monkeypatch):
    mine = home_store.create(config())
    older, newer = (home_store.create(config(backbone=OTHER)) for _ in range(2))
    assert [t.run_id for t in twins(home_store, RunView(home_store, mine))] == [newer]
    with home_store.database.writing() as db:
        db.execute(
            "INSERT INTO tasks (run, task, seconds, peak_memory_mb, accuracy, finished) "
            "VALUES (?, 0, 1.0, 1.0, 0.5, 1.0)",
            (older,),
        )
    assert [t.run_id for t in twins(home_store, RunView(home_store, mine))] == [older]


def test_forks_and_damaged_runs_are_no_twins(home_store):
    mine = home_store.create(config())
    twin = home_store.create(config(backbone=OTHER))
    home_store.create(config(backbone=OTHER), parent=twin, parent_task=0)
    broken = home_store.create(config(backbone=OTHER))
    with home_store.database.writing() as db:
        db.execute("UPDATE runs SET config = replace(config, 'clg_cbm', 'no_such_method') WHERE id = ?", (broken,))
    assert [t.run_id for t in twins(home_store, RunView(home_store, mine))] == [twin]
