"""The bench of experiments: what it times is a whole grid, and what it compares are models to the bit."""

from engine.bench import _sweep_many, sweep
from engine.experiments.cells import cells, grid
from engine.experiments.experiment import Experiment
from engine.store.store import RunStore


def test_a_grid_is_timed_and_its_models_are_compared(store, backbone, trained, tmp_path):
    axes = {"method": ["ncm", "zero_shot"], "seed": [1]}
    one = Experiment.from_mapping(
        {"name": "grid", "preset": "tiny", "watching": False, "set": {"backbone": backbone}, "axes": axes}
    )
    (left, took), (again, _) = sweep.timed(store, one), sweep.timed(sweep._store(store, "another"), one)
    assert took > 0 and len(trained) == 4 and [len(models) for models in left] == [3, 3]
    assert sweep.equal(left, again) == 100.0
    assert sweep.equal(left, [left[1], left[0]]) == 0.0 and sweep.equal(left, [left[0], left[0]]) == 50.0
    assert RunStore(store.home.parent / "another").runs()


def test_its_grid_is_the_one_that_was_promised():
    one = sweep.declared([1993, 7, 11], 0)
    found = cells(one, grid(one))
    assert len(found) == 5 * 3 * 2 and {cell.config.order for cell in found} == {"seed"}
    assert all(cell.config.data["world_seed"] == cell.config.seed for cell in found)


def test_thousands_of_runs_are_made_once_and_found_again(tmp_path, monkeypatch):
    monkeypatch.setattr(_sweep_many, "_SEEDS", (1,))
    place = tmp_path / "many"
    assert _sweep_many.made(place, 2) == 2
    before = [run.id for run in RunStore(place).runs()]
    assert _sweep_many.made(place, 2) == 2 and [run.id for run in RunStore(place).runs()] == before
    assert {run.status for run in RunStore(place).runs()} == {"finished"}


def test_without_ray_its_figures_are_left_out_in_words(store, monkeypatch, capsys):
    monkeypatch.setattr("engine.experiments.where.find_spec", lambda name: None)
    assert [*sweep.on_ray(store, sweep.declared([1993], 0), [], 1.0)] == []
    assert "sweep.seconds.ray is left out" in capsys.readouterr().err
