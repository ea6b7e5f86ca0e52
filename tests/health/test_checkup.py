"""Data are looked over as a person would have to: every fault that was put in is found, and nothing else is."""

import numpy as np
import pytest

from engine.health.checkup import look_over
from engine.health.settings import HealthSettings
from engine.runs.config import configure
from engine.runs.sources import open_dataset
from engine.steps import finish
from tests.health.made import faulty


@pytest.fixture(scope="module")
def health(tmp_path_factory):
    root = faulty(tmp_path_factory.mktemp("faulty"))
    config = configure("demo", {"data": f"dir:{root}", "increment": "1"})
    steps = []
    looking = look_over(config, open_dataset(config), tmp_path_factory.mktemp("cache"), HealthSettings())
    found = finish(looking, steps.append)
    assert {step.word for step in steps} >= {"reading pictures", "comparing pictures", "looking for wrong labels"}
    return found


def names(health, places):
    return {health.pictures.picture(i).name for i in places}


def test_counts_and_evenness(health):
    assert health.class_names == ("cats", "dogs")
    assert health.pictures.splits == ("train", "test")
    assert health.counts.table.tolist() == [[14, 5], [13, 4]]
    assert health.counts.ratio == pytest.approx(14 / 13)
    assert not health.uneven


def test_odd_sizes(health):
    assert names(health, health.sizes.small) == {"train/dogs/00.png"}
    assert names(health, health.sizes.long) == {"train/dogs/01.png"}
    assert health.skipped == ("train/cats/notes.txt",)


def test_what_is_there_twice(health):
    found = {frozenset(names(health, group.members)): group for group in health.groups}
    same = found.pop(frozenset({"train/cats/00.png", "train/cats/again.png", "test/cats/same.png"}))
    assert (same.kind, same.crosses_splits, same.crosses_classes, same.distance) == ("bytes", True, False, 0.0)
    pixels = found.pop(frozenset({"train/cats/01.png", "train/dogs/pixels.bmp"}))
    assert (pixels.kind, pixels.crosses_splits, pixels.crosses_classes) == ("pixels", False, True)
    near = found.pop(frozenset({"train/cats/02.png", "train/cats/lossy.jpg"}))
    assert near.kind == "near" and 0.0 < near.distance < HealthSettings().near
    assert found == {}
    assert health.groups[0] == pixels, "what stands under two labels comes first"


def test_only_copies_with_one_label_can_be_spared_and_one_for_training_stays(health):
    assert names(health, health.spare()) == {"train/cats/again.png", "test/cats/same.png"}


def test_drawn_pictures_have_counts_and_no_files(tmp_path):
    config = configure("tiny", {})
    health = finish(look_over(config, open_dataset(config), tmp_path, HealthSettings()))
    assert health.counts.table[:, 0].tolist() == [20] * 6
    assert health.sizes.small == health.sizes.long == health.skipped == ()
    assert health.known_right > 0.8
    assert health.spare() == ()


def test_given_embeddings_are_looked_over_without_pixels(tmp_path):
    draw = np.random.default_rng(0)
    means, labels = draw.normal(size=(3, 16)), np.repeat(np.arange(3), 20)
    images = means[labels] + 0.3 * draw.normal(size=(60, 16))
    images[59], labels[5:9] = images[58], 1
    np.savez(tmp_path / "v.npz", images=images.astype(np.float32), labels=labels, class_names=np.array(["a", "b", "c"]))
    config = configure("demo", {"data": f"npz:{tmp_path / 'v.npz'}", "increment": "1", "method": "ncm"})
    data = open_dataset(config)
    health = finish(look_over(config, data, tmp_path / "cache", HealthSettings()))
    assert health.counts.table.sum() == 60 and health.sizes.small == ()
    assert [group.kind for group in health.groups] == ["near"] and health.groups[0].distance == 0.0
    assert {(one.label, one.suggested) for one in health.suspects} == {(1, 0)}
    assert health.known_right > 0.8
