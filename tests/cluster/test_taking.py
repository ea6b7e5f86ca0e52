"""What comes back from nodes: a sound run of what was asked for goes in, whatever else is refused and said."""

from __future__ import annotations

import json
import platform

import pytest

from engine.cluster import folders, remote, taking
from engine.cluster.remote import OTHER, RemoteCell, RemoteEnd, differences, train_cell, versions
from engine.experiments.cells import Cell
from engine.experiments.places import CellOrder
from engine.experiments.standing import CellState
from engine.home import log_path
from engine.jobs.experiments import begun_by
from engine.runs.config import digest_of
from engine.store.states import FAILED, FINISHED
from engine.store.view import RunView

NUMBER = 7
"""Of the experiment."""


def order(config, last=True, run=None):
    return CellOrder(CellState(Cell((), (), config), run), "a cell", False, last)


def asked(config, **changes):
    values = {"config": config.to_mapping(), "name": "a cell", "watching": False, "versions": dict(versions())}
    return RemoteCell(**{**values, **changes}).model_dump_json()


@pytest.fixture
def trained_there(store, tiny, tmp_path, monkeypatch):
    """A cell that was trained as a node does: its config, its end and the archive."""
    monkeypatch.setattr(folders.tempfile, "tempdir", str(tmp_path))
    config, far = tiny("ncm"), []
    told, archive = train_cell(asked(config), lambda done, total: far.append((done, total)))
    assert far == [(0, 3), (1, 3), (2, 3), (3, 3)] and [*tmp_path.glob(f"{folders.PREFIX}*")] == []
    return config, RemoteEnd(**json.loads(told)), archive


def test_a_finished_run_is_brought_in_whole(store, trained_there):
    config, end, archive = trained_there
    taking.Taking(store, NUMBER).take(order(config), end, archive)
    (run,) = store.runs()
    assert (end.status, run.status, run.name) == (FINISHED, FINISHED, "a cell")
    assert begun_by(store, NUMBER) == [run.id] and begun_by(store, NUMBER + 1) == []
    assert digest_of(run.config) == config.digest and RunView(store, run.id).snapshot(2).bank is not None


def test_what_is_no_such_run_is_refused_and_nothing_of_it_stays(store, tiny, trained_there, monkeypatch):
    config, end, archive = trained_there
    into = taking.Taking(store, NUMBER)

    def refused(config, archive):
        into.take(order(config), end, archive)
        (run,) = store.runs()
        store.delete(run.id)
        assert run.status == FAILED and run.tasks_done == 0
        return run.error

    assert f"What node {end.node} sent is no sound run" in refused(config, b"PK no archive")
    assert "no sound run" in refused(config, archive[: len(archive) // 2])
    assert "its settings are others" in refused(tiny("ncm", seed=7), archive)
    monkeypatch.setattr(into._inputs, "changed", lambda run: True)
    assert "its pictures, texts or weights are others than here" in refused(config, archive)
    monkeypatch.setattr(taking, "code_version", lambda: "sources 0, torch 1")
    assert "its code is another" in refused(config, archive)


def test_a_failure_is_kept_where_it_is_the_last_with_its_log(store, tiny):
    into, config = taking.Taking(store, NUMBER), tiny("ncm")
    end = RemoteEnd(
        "node-a", FAILED, "A bug. The traceback is in /tmp/x/jobs/1/log.", "Traceback: <b>", "/tmp/x/jobs/1/log"
    )
    into.take(order(config, last=False), end, b"")
    assert store.runs() == []
    into.take(order(config), end, b"")
    (run,) = store.runs()
    log = log_path(store.home, store.training(run.id).id)
    assert run.error == f"A bug. The traceback is in {log}." and log.read_text() == "Traceback: <b>"
    into.take(order(config, run=run), RemoteEnd("node-a", FAILED, "Again."), b"")
    assert [one.error for one in store.runs()] == ["Again."] and begun_by(store, NUMBER) == [run.id]


def test_a_node_does_nothing_for_other_code_or_packages(store, tiny, monkeypatch):
    own = versions()
    assert {"sources", "torch", "numpy", "python"} <= own.keys() and own["python"] == platform.python_version()
    assert differences(own, own) == []
    assert differences({"torch": "2", "numpy": "1"}, {"torch": "3"}) == ["numpy unknown, here 1", "torch 3, here 2"]
    monkeypatch.setattr(remote, "cell_folder", None)  # it would fail to begin
    told, archive = train_cell(asked(tiny("ncm"), versions={**own, "torch": "1.0"}), lambda done, total: None)
    end = RemoteEnd(**json.loads(told))
    assert (end.status, archive) == (OTHER, b"") and end.reason == f"torch {own['torch']}, here 1.0"


def test_what_killed_processes_left_is_swept_away_and_what_is_at_work_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(folders.tempfile, "tempdir", str(tmp_path))
    dead = tmp_path / f"{folders.PREFIX}dead"
    dead.mkdir()
    (dead / ".lock").touch()
    with folders.cell_folder() as first, folders.cell_folder() as second:
        assert first.is_dir() and second.is_dir() and not dead.exists()
    assert [*tmp_path.iterdir()] == []
