"""What a GPU saves: every device is held against the first. Here both are the CPU, which agrees with itself."""

import pytest

from engine.bench import device


@pytest.fixture
def few(monkeypatch):
    own = device.TOWERS[device.DEFAULT]
    small = device.MeasuredTower(own.load, 3, 2)
    monkeypatch.setattr(device, "TOWERS", {device.DEFAULT: small})
    monkeypatch.setattr(device, "_REPEATS", 1)


def test_devices_are_held_against_the_first(few):
    found = {one.name.removeprefix("device.aviary-clip."): one for one in device.run([7, 11], devices=("cpu", "cpu:0"))}
    assert {"embed.cpu", "attack.cpu:0", "map.cpu:0", "map.cpu:0.over_cpu"} <= set(found)
    assert found["embed.cpu:0.gap"].value == 0 and found["embed.cpu:0.gap"].met
    assert found["attack.cpu:0.equal"].value == 100
    assert all(one.value > 0 for name, one in found.items() if name != "embed.cpu:0.gap")


def test_without_a_gpu_that_is_said_and_only_the_cpu_measured(few, monkeypatch, capsys):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    names = [one.name for one in device.run([7], only="device.aviary-clip.embed")]
    assert names == [f"device.aviary-clip.{act}.cpu" for act in ("embed", "attack", "map")]
    assert "there is no GPU here" in capsys.readouterr().err
    assert list(device.run([7], only="device.ViT-B-16")) == []
