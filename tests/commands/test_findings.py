"""`python -m engine findings`: what it prints, and how it ends."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine.__main__ import main
from engine.store.store import RunStore
from tests.findings.made import diagonal, made
from tests.pages.stores import config


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path))
    counts = [diagonal(2), diagonal(4), diagonal(6)]
    counts[2][0, 4], counts[2][0, 0] = 60, 40
    return made(tmp_path, counts)


def test_headlines_with_their_rule_and_address(run, capsys):
    assert main(["findings", "last"]) == 0
    said = capsys.readouterr().out
    assert "Task 1 lost 30 points, when task 3 was learnt" in said
    assert (
        f"worst_forgetting; see /tasks?run={run.view.id}&task=3&split=test&setting=class_il&exhibit=forgetting" in said
    )


def test_one_json_object_a_line(run, capsys):
    assert main(["findings", run.view.id, "--json", "--task", "3"]) == 0
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    weights = [one["weight"] for one in found]
    assert weights == sorted(weights, reverse=True)
    worst = next(one for one in found if one["rule"] == "worst_forgetting")
    assert np.isclose(worst["value"], 30.0) and worst["unit"] == "points" and worst["after_task"] == 3


def test_nothing_to_say(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path))
    made(tmp_path, [np.array([[1, 1], [1, 1]])])
    assert main(["findings", "last"]) == 0
    assert "Nothing stands out" in capsys.readouterr().out
    assert main(["findings", "last", "--json"]) == 0
    assert capsys.readouterr().out == ""


def test_what_they_are_to_be_read_with_is_said_first(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path))
    counts = [diagonal(2), diagonal(4), diagonal(6)]
    counts[2][0, 4], counts[2][0, 0] = 60, 40
    made(tmp_path, counts, folder=True)
    assert main(["findings", "last"]) == 0
    assert capsys.readouterr().out.startswith("Caution: aviary-clip does not know this kind of pictures\n")
    assert main(["findings", "last", "--json"]) == 0
    (first, *_) = capsys.readouterr().out.splitlines()
    assert json.loads(first)["caution"] == "aviary-clip does not know this kind of pictures"


@pytest.mark.parametrize("words", [["nobody"], ["last", "--task", "9"], ["last", "--task", "0"]])
def test_bad_input_ends_with_2(run, capsys, words):
    assert main(["findings", *words]) == 2
    assert capsys.readouterr().err.startswith("findings: ")


def test_an_unstarted_run_is_refused(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PLUMAGE_HOME", str(tmp_path))
    RunStore(tmp_path).create(config(), "")
    assert main(["findings", "last"]) == 2
    assert "none of its tasks is finished" in capsys.readouterr().err
