"""The check-up: a whole store is whole, and everything that is not is named with a way out."""

import shutil

import pytest

from engine.__main__ import main
from engine.jobs import control
from engine.store.checkup import check
from engine.store.marks import PictureMarks
from engine.store.selections import Selections
from engine.store.shelf import Shelf
from engine.store.store import RunStore

DAMAGE = {
    "runs": "UPDATE runs SET config = replace(config, 'aviary', 'aviarx')",
    "tasks": "UPDATE tasks SET accuracy = accuracy + 0.01 WHERE task = 1",
    "metrics": "UPDATE metrics SET data = x'00' WHERE name = 'ece'",
    "tags": "UPDATE tags SET tag = 'other'",
    "selections": "UPDATE selections SET pictures = '[]'",
    "marks": "UPDATE marks SET present = 1 - present",
    "events": "UPDATE events SET body = '[]' WHERE id = (SELECT MIN(id) FROM events)",
}


@pytest.fixture
def store(own_tiny_home, monkeypatch):
    monkeypatch.setenv("PLUMAGE_HOME", str(own_tiny_home))
    return RunStore(own_tiny_home)


@pytest.fixture
def run(store):
    found = store.resolve("last")
    Shelf(store).tag({found: ["kept"]})
    Selections(store).save(found, "some", ["test:1"])
    PictureMarks(store).mark(found, "test:1", "a" * 64, "red crown", True)
    return found


def troubles(store, run=None):
    return [trouble for checked in check(store, run) for trouble in checked.troubles]


def test_a_whole_store_is_whole_and_counted(store, run, monkeypatch):
    monkeypatch.setattr("engine.jobs.queue._start", lambda store, job: None)
    child = control.fork(run, 1, {}, store=store)
    whole, parent, fork = check(store)
    assert (whole.run, parent.run, fork.run) == ("", run, child)
    assert not (whole.troubles or parent.troubles or fork.troubles)
    assert (parent.files, fork.files, parent.unsealed) == (6, 4, 0)
    assert parent.rows > fork.rows > 10


@pytest.mark.parametrize("table", DAMAGE)
def test_every_damaged_row_is_named_with_a_way_out(store, run, table, behind_its_back):
    behind_its_back(store, DAMAGE[table])
    found = troubles(store, run)
    assert found
    assert all(trouble.place.startswith(f"{table}: {run}") and trouble.remedy for trouble in found)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda folder: (folder / "model-1.safetensors").unlink(), "it is missing"),
        (lambda folder: shutil.copy(folder / "model-0.safetensors", folder / "model-1.safetensors"), "another run"),
        (lambda folder: (folder / "classes-2.safetensors").write_bytes(b"x" * 100), "cut short or was altered"),
        (shutil.rmtree, "it is missing"),
    ],
)
def test_every_damaged_file_is_named(store, run, damage, said):
    damage(store.snapshots(run))
    found = troubles(store)
    assert any(said in trouble.what for trouble in found)
    assert all(trouble.remedy for trouble in found)


def test_folders_of_no_run_and_missing_metrics_are_named(store, run, behind_its_back):
    (store.folder("nobody")).mkdir()
    behind_its_back(store, "DELETE FROM metrics WHERE name = 'confusion' AND split = 'moved' AND task = 0")
    said = [trouble.what for trouble in troubles(store)]
    assert "it belongs to no run" in said
    assert "confusion on moved images is there after 2 of its 3 tasks" in said


def test_the_command_says_so_and_how_it_ended(store, run, capsys, behind_its_back):
    assert main(["doctor", "--check"]) == 0
    assert "ok  1 run, " in capsys.readouterr().out
    behind_its_back(store, DAMAGE["tasks"])
    assert main(["doctor", "--check", "last"]) == 4
    told = capsys.readouterr().out
    assert f"BAD tasks: {run}, 1: what is stored is not what was written" in told
    assert "-> Fork it after an earlier task" in told
    assert main(["doctor", "--check", "nobody"]) == 2
