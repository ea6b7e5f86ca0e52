"""The bench of photographs: its arithmetic by hand, its pieces on the tiny run, and that it goes on where it was."""

import shutil
import zipfile
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from engine.__main__ import main
from engine.bench import _photos_black_box, _photos_engineer, _photos_pages, _photos_runs, photos
from engine.bench._newcomer import Click
from engine.bench._photos_runs import Photos
from engine.errors import MissingWeights, NotApplicable
from engine.runs.catalog import catalog
from engine.runs.config import preset
from engine.store.store import RunStore
from engine.training.material import Sample

# -- where it is left out ----------------------------------------------------------------------------------------------


def test_without_the_photographs_it_is_left_out_with_the_reason(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(_photos_runs, "DATA", tmp_path)
    assert main(["bench", "photos"]) == 0
    said = capsys.readouterr()
    assert not said.out and "photos is left out" in said.err and str(tmp_path / "clothing") in said.err


def test_without_the_packages_nothing_is_removed(tmp_path, monkeypatch, capsys):
    for name in ("clothing", "photos", "home/bench/photos/kept"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setattr(_photos_runs, "DATA", tmp_path)
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "home"))

    def missing():
        raise MissingWeights("the photo tower", "its packages are not installed", "Install them")

    monkeypatch.setattr(_photos_runs, "classifier", missing)
    assert main(["bench", "photos.clothing.last"]) == 0
    assert "its packages are not installed" in capsys.readouterr().err
    assert (tmp_path / "home/bench/photos/kept").is_dir()


# -- what is kept ------------------------------------------------------------------------------------------------------


@pytest.fixture
def opened(tmp_path, monkeypatch):
    """The bench over an empty home, its photographs and packages taken as there."""
    for name in ("clothing", "photos"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(_photos_runs, "DATA", tmp_path)
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(_photos_runs, "classifier", lambda: None)
    return lambda: Photos.opened([1, 2])


def test_what_another_source_made_is_removed_and_its_own_is_kept(opened, monkeypatch):
    first = opened().store.home
    (first / "kept").touch()
    assert (opened().store.home / "kept").exists()
    monkeypatch.setattr(_photos_runs, "code_version", lambda: "sources 0, torch 99")
    second = opened().store.home
    assert second != first and second.is_dir() and not first.exists()


def test_a_run_is_found_again_by_its_config_and_an_unfinished_one_goes_on(own_tiny_home, monkeypatch):
    store = RunStore(own_tiny_home)
    run, again = store.resolve("last"), Photos((1993,), store)
    monkeypatch.setattr(_photos_runs, "work", lambda store, run: pytest.fail("it is finished"))
    assert again.trained(preset("tiny")).view.id == run
    begun = store.create(preset("tiny").changed(seed=5))
    asked = []

    def fails(store, run):
        asked.append(run)
        return SimpleNamespace(status="failed", message="the disk is full")

    monkeypatch.setattr(_photos_runs, "work", fails)
    with pytest.raises(NotApplicable, match="the disk is full"):
        again.trained(preset("tiny").changed(seed=5))
    assert asked == [begun] and len(store.runs()) == 2


def test_each_seed_draws_the_order_of_classes_too(opened, joined_folder):
    found = opened()
    shutil.copytree(joined_folder, found.store.home / "backbones" / "photo-clip")
    config = found.configured("cifar10", "ncm", 7)
    assert (config.order, config.order_seed, config.seed, config.increment) == ("seed", 7, 7, 2)
    assert config.data["path"].endswith("/photos") and config.backbone.startswith("local-dir:")


# -- arithmetic --------------------------------------------------------------------------------------------------------


def test_the_interval_over_three_seeds_by_hand():
    """Student's t with two degrees of freedom leaves 2.5 % above 4.3027; the standard error of 1, 2, 3 is 1/sqrt(3)."""
    assert photos.interval([1.0, 2.0, 3.0]) == pytest.approx((2 - 4.3027 / 3**0.5, 2 + 4.3027 / 3**0.5), abs=1e-4)
    assert photos.interval([5.0]) == (5.0, 5.0)


def run_of(rows, predicted, labels):
    """A finished run whose model says so of test images that come in some order."""
    sample = Sample(np.array(rows), torch.zeros(len(rows), 1), torch.tensor(labels))
    view = SimpleNamespace(tasks_done=3)
    return SimpleNamespace(
        view=view, sample=lambda split, task: sample, predicted=lambda split, task: np.array(predicted)
    )


def test_images_are_compared_by_their_rows_whatever_the_order_of_tasks():
    first = run_of([2, 0, 1], predicted=[5, 1, 1], labels=[5, 1, 2])  # rows 2 and 0 are right
    second = run_of([0, 1, 2], predicted=[0, 4, 3], labels=[0, 4, 4])  # rows 0 and 1
    assert photos.right([first, second]).tolist() == [1.0, 0.5, 0.5]


def summarised(last, forgetting):
    return SimpleNamespace(
        view=SimpleNamespace(summary=lambda split: {"last_accuracy": last, "forgetting": forgetting})
    )


def test_every_method_is_held_against_the_nearest_class_mean_seed_by_seed(monkeypatch):
    values = dict.fromkeys(catalog(), (0.5, 0.6)) | {"ncm": (0.7, 0.9), "joint": (0.8, 0.8)}
    labs = {name: [summarised(last, None) for last in pair] for name, pair in values.items()}
    told = {
        f.name: f
        for f in photos._accuracy("last", SimpleNamespace(labs=lambda dataset, method: labs[method]), "clothing")
    }
    gap = told["photos.clothing.last.joint.over_ncm"]
    assert (gap.value, gap.spread, gap.unit) == (pytest.approx(0.0), pytest.approx(200**0.5), "points")
    assert told["photos.clothing.last.ncm"].value == pytest.approx(80)
    assert told["photos.clothing.last.joint.over_ncm.low"].value == pytest.approx(-12.7062 * 10, abs=1e-3)
    assert not [name for name in told if "ncm.over" in name]


def test_a_black_box_by_hand():
    train = np.array([[1.0, 0], [0.8, 0.6], [0, 1.0], [-0.6, 0.8]]), np.array([0, 0, 1, 1])
    test = np.array([[1.0, 0], [0.6, 0.8], [0, 1.0], [-1.0, 0]]), np.array([0, 0, 1, 1])
    assert _photos_black_box.nearest_mean(train, test) == 1.0  # means at 18 and 108 degrees, the second image at 53
    assert _photos_black_box.linear(train, train, test) >= 0.75


def test_the_engineers_waiting_is_told_apart(tmp_path, monkeypatch):
    (tmp_path / "clothing" / "train" / "hat").mkdir(parents=True)
    (tmp_path / "clothing" / "train" / "hat" / "a.jpg").write_bytes(b"a hat")
    monkeypatch.setattr(_photos_engineer, "DATA", tmp_path)
    seconds, given = {"own": 1.0, "drop": 2.0, "model": 30.0, "picture": 40.0}, []

    def walked(home, archive):
        with zipfile.ZipFile(archive) as packed:
            given.append((home.name, packed.read("clothing/train/hat/a.jpg")))
        return [Click(name, name, each, "") for name, each in seconds.items()]

    monkeypatch.setattr(_photos_engineer, "_walked", walked)
    told = {f.name.removeprefix("photos.engineer."): f.value for f in _photos_engineer.figures([1, 2])}
    assert (told["clicks"], told["seconds"], told["waiting_seconds"], told["drop_seconds"]) == (4, 73, 70, 2)
    assert given == [("home-0", b"a hat"), ("home-1", b"a hat")]  # an empty store each time


# -- on the tiny run ---------------------------------------------------------------------------------------------------


def test_the_attack_is_on_the_same_images_and_is_not_done_twice(own_tiny_home, monkeypatch):
    store = RunStore(own_tiny_home)
    lab = Photos((1993,), store).trained(preset("tiny"))
    monkeypatch.setattr(_photos_runs, "PER_CLASS", 1)
    monkeypatch.setattr(_photos_runs, "STEPS", 2)
    found = _photos_runs.held(lab)
    assert {name: len(one) for name, one in found.items()} == {"clean": 6, "eps1": 6, "eps4": 6}
    assert found["clean"].mean() >= found["eps1"].mean() >= found["eps4"].mean()
    assert not (found["eps4"] & ~found["clean"]).any()
    monkeypatch.setattr(_photos_runs, "_attacked", lambda *asked: pytest.fail("it is kept"))
    assert {name: one.tolist() for name, one in _photos_runs.held(lab).items()} == {
        name: one.tolist() for name, one in found.items()
    }


def test_raw_features_are_taken_by_the_rows_of_the_run(tiny_lab):
    """Features that are their label tell everything, whatever order the run learnt classes in."""
    order = np.argsort(tiny_lab.stream.class_order)
    raw = {name: np.eye(6)[order[split.labels]] for name, split in tiny_lab.dataset.splits.items()}
    found = _photos_black_box.accuracies(tiny_lab, raw)
    assert found["raw.ncm"] == found["raw.linear"] == 1.0
    assert found["joint.ncm"] > 0.5 and found["joint.linear"] > 0.5 and len(found) == 4


def test_a_hundred_classes_are_drawn_whole_and_alike_each_time(tmp_path, monkeypatch):
    monkeypatch.setattr(_photos_pages, "CLASSES", 3)
    for name in ("one", "two"):
        _photos_pages.draw(tmp_path / name, 7)
    one, two = (sorted(path for path in (tmp_path / name).rglob("*.png")) for name in ("one", "two"))
    assert len(one) == 3 * 20 and [path.read_bytes() for path in one] == [path.read_bytes() for path in two]
    assert not (tmp_path / "one.part").exists()
