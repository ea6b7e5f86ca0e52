"""The benches of many classes, small: a run is made once and opened by a fresh process; forms stand side by side."""

import pytest

from engine.bench import _scale_classes, _scale_covariances, scale
from engine.bench._methods_cells import CellOutcome
from engine.bench.methods import MethodBench
from engine.store.store import RunStore
from engine.store.view import RunView


@pytest.fixture
def small(monkeypatch):
    for name, value in (("CLASSES", 12), ("TASKS", 3), ("WIDTH", 16)):
        monkeypatch.setattr(_scale_classes, name, value)


def test_the_run_is_made_once_keeps_the_form_and_is_opened(small, tmp_path):
    store = RunStore(tmp_path)
    run = _scale_classes.trained(store, 7)
    assert _scale_classes.trained(store, 7) == run and len(store.runs()) == 1
    kept = RunView(store, run).snapshot(2).classes.covariances
    assert kept.name == "low_rank" and kept.why_not(12, 16) is None
    assert all(figure > 0 for figure in _scale_classes.opened(store, run))


def test_parts_are_measured_where_they_are_asked_for(monkeypatch):
    asked = []
    monkeypatch.setattr(scale, "PARTS", {"scale.classes": lambda seeds: iter(asked.append(seeds) or ())})
    assert list(scale.run([7], only="scale.classes.open")) == [] and asked == [[7]]


def test_every_form_stands_beside_the_full_one(monkeypatch, tiny_lab):
    values = {"last": 90.0, "average": 95.0, "forgetting": 4.0, "last_moved": 70.0, "stored": 100.0}

    def outcomes(bench, cells):
        worse = [{**values, "last": 90.0 - (cell.config.class_covariances == "shared")} for cell in cells]
        return [CellOutcome(one, tiny_lab.view.id) for one in worse]

    monkeypatch.setattr(MethodBench, "outcomes", outcomes)
    monkeypatch.setattr("engine.bench.methods._methods_cells.root", lambda: tiny_lab.store.home)
    found = {one.name: one.value for one in _scale_covariances.figures([7, 11])}
    assert found["scale.covariances.shared.last.over_full"] == -1 and found["scale.covariances.full.mib"] > 0
    assert found["scale.covariances.low_rank_8.last.over_full"] == 0
