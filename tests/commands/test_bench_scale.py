"""The benches of many classes, small: a run is made once and opened by a fresh process; forms stand side by side."""

import pytest
import torch

from engine.bench import _scale_authors, _scale_classes, _scale_covariances, _scale_growth, scale
from engine.bench._authors_loading import VARIABLE
from engine.bench._methods_authors import TimedAnswers
from engine.bench._methods_cells import CellOutcome
from engine.bench._scale_mixture import Size
from engine.bench.methods import MethodBench
from engine.errors import NotApplicable
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


def test_growth_doubles_one_axis_and_holds_the_rest(monkeypatch):
    base = _scale_growth.GrownWorld(Size(samples=160, width=8, classes=4, tasks=2), 2).with_concepts(2)
    monkeypatch.setattr(_scale_growth, "BASE", base)
    monkeypatch.setattr(_scale_growth, "_TIMES", (1, 2))
    asked = []

    def cost(world, seed):
        asked.append((world, seed))
        return float(world.size.samples * world.size.width**2), float(seed + world.size.classes)

    monkeypatch.setattr(_scale_growth, "cost", cost)
    found = {one.name.removeprefix("scale.growth."): one for one in _scale_growth.figures([7, 11])}
    assert len(asked) == 5 * 2 * 2 and len({world for world, _ in asked}) == 6
    assert found["images.seconds.exponent"].value == pytest.approx(1)
    assert found["width.seconds.exponent"].value == pytest.approx(2)
    assert found["tasks.seconds.exponent"].value == pytest.approx(0, abs=1e-9)
    assert found["images.320.seconds"].value == 320 * 8**2 and found["classes.8.mib"].value == 17
    wide = next(world for world, _ in asked if world.concepts == 4)
    assert wide.size.candidates == 8 and wide.size.samples == base.size.samples


def test_a_cost_is_of_a_process_of_its_own():
    tiny = _scale_growth.GrownWorld(Size(samples=80, width=8, classes=4, tasks=2), 2).with_concepts(2)
    seconds, mebibytes = _scale_growth.cost(tiny, 7)
    assert seconds > 0 and mebibytes > 0


def test_ours_is_held_against_theirs_seed_by_seed(monkeypatch, tmp_path):
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(NotApplicable, match="no checkout of FisherCats/CLG-CBM is there"):
        list(_scale_authors.figures([7]))
    (tmp_path / "FisherCats+CLG-CBM").mkdir()
    handed = []

    def theirs(given, tasks, test):
        handed.append(([len(task.class_ids) for task in given.tasks], len(test)))
        return TimedAnswers(torch.zeros(len(test)), 1000.0)  # the first of twelve classes

    monkeypatch.setattr(_scale_authors, "AuthorsCLGCBM", lambda given: given)
    monkeypatch.setattr(_scale_authors, "timed", theirs)
    small = Size(samples=240, width=16, classes=12, tasks=4)
    found = {one.name.removeprefix("scale.authors."): one for one in _scale_authors.figures([1, 2], small)}
    assert handed == [([3, 3, 3, 3], 12 * 50)] * 2
    assert found["theirs.seconds"].value == 1000 and found["theirs.last"].value == pytest.approx(100 / 12)
    assert found["published.last"].value > 80 and found["published.quicker"].target == ""
    quicker, seconds = (found[f"bounded.{word}"] for word in ("quicker", "seconds"))
    assert quicker.met and quicker.target == ">= 10" and quicker.value >= 1000 / seconds.value - 1e-9
