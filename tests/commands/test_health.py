"""`python -m engine health`: what it prints, and the list that a run takes."""

import json

import pytest

from engine.__main__ import main
from tests.health.made import faulty


@pytest.fixture
def photos(tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path / "home"))
    return faulty(tmp_path / "photos")


def test_it_tells_every_fault_and_writes_the_list_that_a_run_takes(photos, tmp_path, capsys):
    listed = tmp_path / "spare.txt"
    given = ["health", "--set", f"data=dir:{photos}", "--set", "increment=1"]
    assert main([*given, "--list", str(listed)]) == 0
    said = capsys.readouterr()
    for part in (
        *("36 pictures of 2 classes", "1 small", "train/dogs/00.png", "1 long", "3 groups"),
        *("the same file, in training and in test: ", "the same pixels, under several labels: "),
    ):
        assert part in said.out
    assert "2 spare pictures" in said.err
    assert "aviary-clip does not know this kind of pictures" in said.err
    assert main([*given, "--set", f"leave_out={listed}", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["counts"] == [[13, 4], [13, 4]]
    assert [group["kind"] for group in found["groups"]] == ["pixels", "near"]


def test_rules_are_settings_and_wrong_ones_are_refused(photos, capsys):
    given = ["health", "--set", f"data=dir:{photos}", "--set", "increment=1"]
    assert main([*given, "--set", "small=10", "--set", "near=0", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["small"] == [] and found["settings"]["small"] == 10
    assert [group["kind"] for group in found["groups"]] == ["pixels", "bytes"]
    assert main([*given, "--set", "near=2"]) == 2
    assert main([*given, "--set", "nearly=0.1"]) == 2
    assert main(["health", "--set", "data=dir:/nowhere"]) == 2
