"""The demo's bench: its arithmetic by hand, and one real timing of the tiny preset."""

import os
import subprocess
import sys

import pytest

from engine.bench import demo
from engine.bench.figure import Figure
from engine.runs.catalog import catalog


def test_mean_and_sample_deviation():
    assert demo._figure("x", [1.0, 2.0, 6.0], "s", "", None) == Figure(
        "demo.x", 3.0, pytest.approx(7.0**0.5), "s", "", None
    )
    assert demo._figure("x", [1.0], "s", "", None).spread is None
    assert demo._limited("warm_seconds", [19.0, 21.0]).met is True
    assert demo._limited("warm_seconds", [19.0, 21.1]).met is False


@pytest.mark.parametrize(
    ("last", "met"),
    [
        ({"clg_cbm": 85.0, "joint": 87.0, "finetune": 50.0}, True),
        ({"clg_cbm": 84.9, "joint": 87.0, "finetune": 50.0}, False),
        ({"clg_cbm": 85.0, "joint": 87.0, "finetune": 55.1}, False),
    ],
)
def test_clg_cbm_is_judged_against_both_bounds(last, met):
    assert demo._judged("clg_cbm", last)[1] is met
    assert demo._judged("joint", last)[1] is True
    assert demo._judged("ncm", last) == ("", None)


def test_only_what_is_asked_for_is_measured():
    kinds = ("last_accuracy", "forgetting")
    assert demo._methods("", kinds) == demo._methods("demo", kinds) == sorted(catalog())
    assert demo._methods("demo.forgetting.ncm", kinds) == ["ncm"]
    assert {"clg_cbm", "finetune", "joint"} <= set(demo._methods("demo.last_accuracy.clg_cbm", kinds))
    assert "ncm" not in demo._methods("demo.last_accuracy.clg_cbm", kinds)
    assert demo._methods("demo.warm_seconds", kinds) == []


def test_every_ablation_is_a_change_of_the_method():
    for row in demo.ABLATIONS.values():
        whole = demo.configured(1, settings=row.beside)
        changed = demo.configured(1, settings={**row.beside, **row.change})
        assert whole != changed
        assert (changed.seed, changed.data["world_seed"]) == (1, 1)


@pytest.mark.parametrize("name", ["cover_32", "augmentation_cover_8", "augmentation_cover_32"])
def test_another_cover_has_the_same_budget(name):
    recipe = demo.configured(1).settings
    settings = {**recipe, **demo.ABLATIONS[name].change}
    budget, own = (s["gaussian_classes"] * s["gaussian_samples"] for s in (recipe, settings))
    assert budget == own and settings["gaussian_classes"] > recipe["gaussian_classes"]


def test_ablations_are_paired_and_no_run_is_trained_twice(monkeypatch):
    """By hand: seed 1 gives 90, seed 2 gives 80; without augmentation 3 and 5 less, with some of each class 1 more."""
    trained = []

    def measure(home, config):
        trained.append((config.seed, config.digest))
        lost = 0.0 if config.settings["prototype_augmentation"] else {1: 3.0, 2: 5.0}[config.seed]
        last = {1: 90.0, 2: 80.0}[config.seed] - lost + (config.settings["gaussian_classes"] == 0)
        return {"last_accuracy": last, "average_accuracy": 95.0, "forgetting": 2 * lost}

    monkeypatch.setattr(demo, "_measure", measure)
    found = {f.name: f for f in demo._ablations({1: None, 2: None}, "demo.ablation.augmentation")}
    assert found["demo.ablation.augmentation_cover_32"].value == pytest.approx(-4.0)
    assert found["demo.ablation.augmentation_cover_32"].spread == pytest.approx(2.0**0.5)
    assert found["demo.ablation.augmentation_4_of_each"].value == pytest.approx(-3.0)
    assert found["demo.ablation.augmentation_at_4_of_each"].value == pytest.approx(-4.0)
    assert found["demo.ablation.augmentation_at_4_of_each.forgetting"].value == pytest.approx(8.0)
    assert found["demo.ablation.augmentation_at_4_of_each.average"].value == 0.0
    assert len(trained) == len(set(trained)) and not any("partner" in name for name in found)


def test_the_command_is_timed(tmp_path):
    timing = demo.time_command(tmp_path, 5, "tiny", ["epochs=2", "search_epochs=2"])
    assert 0 < timing.first_task < timing.last_task < 120
    assert 100 < timing.peak_memory < 8000


def test_memory_of_a_process_and_its_children():
    holder = "x = bytearray(200 * 2**20); print('held', flush=True); input()"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {holder!r}])"
    process = subprocess.Popen([sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "held\n"
    assert demo.tree_memory(process.pid) > 200
    process.communicate("\n")
    assert demo.tree_memory(process.pid) == 0.0
    assert demo.tree_memory(os.getpid()) > 10
