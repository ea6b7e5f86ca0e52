"""What was found is kept under the data's content, read back as it was, and refused where it is damaged."""

import json

import pytest

from engine.errors import StoreDamaged
from engine.health import record
from engine.health.checkup import look_over
from engine.health.settings import HealthSettings
from engine.runs.config import configure
from engine.runs.sources import open_dataset
from engine.steps import finish
from tests.health.made import faulty


@pytest.fixture(scope="module")
def looked(tmp_path_factory):
    root = faulty(tmp_path_factory.mktemp("faulty"))
    config = configure("demo", {"data": f"dir:{root}", "increment": "1"})
    data = open_dataset(config)
    health = finish(look_over(config, data, tmp_path_factory.mktemp("cache"), HealthSettings()))
    return config, data, health


def test_what_is_kept_is_read_back(looked, tmp_path):
    _, data, health = looked
    path = record.path_of(tmp_path, "key")
    assert record.read(path, data) is None
    record.keep(health, path)
    found = record.read(path, data)
    assert (found.groups, found.suspects, found.sizes) == (health.groups, health.suspects, health.sizes)
    assert found.known_right == health.known_right and found.settings == health.settings
    assert found.spare() == health.spare() and found.skipped == health.skipped


def test_other_pictures_rules_or_backbones_have_another_name(looked, tmp_path):
    config, data, _ = looked
    usual = HealthSettings()
    keys = {
        record.key_of(data, config.backbone, usual),
        record.key_of(data, "aviary-clip-tga", usual),
        record.key_of(data, config.backbone, HealthSettings(near=0.1)),
        record.key_of(open_dataset(configure("tiny", {})), config.backbone, usual),
    }
    assert len(keys) == 4 and record.key_of(open_dataset(config), config.backbone, usual) in keys


@pytest.mark.parametrize(
    "damage",
    [
        lambda held: held | {"pictures": 3},
        lambda held: held | {"groups": [held["groups"][0] | {"members": [0, 999]}]},
        lambda held: held | {"suspects": [{"row": 0, "label": 0, "suggested": 2, "margin": 0.0}]},
        lambda held: held | {"suspects": [{"row": 30, "label": 0, "suggested": 1, "margin": 0.0}]},
        lambda held: held | {"form": 2},
        lambda held: held | {"settings": {"near": 9.0}},
        lambda held: {},
    ],
)
def test_what_is_damaged_is_refused(looked, tmp_path, damage):
    _, data, health = looked
    path = tmp_path / "key.json"
    record.keep(health, path)
    path.write_text(json.dumps(damage(json.loads(path.read_text()))))
    with pytest.raises(StoreDamaged, match="Check the pictures again"):
        record.read(path, data)
