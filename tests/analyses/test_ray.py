"""Analyses on a real Ray cluster: what this machine finds, also when who is at it is killed."""

from __future__ import annotations

import os
import signal
import socket
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("ray", reason="optional: requirements-ray.txt")

from engine.__main__ import main
from engine.analyses.performing import answer, perform
from engine.cluster import answers_on_ray
from engine.cluster.answers_on_ray import asking
from engine.errors import ModelDropped, NotApplicable
from engine.experiments.where import Where
from engine.interventions.edits import SetWeight
from engine.interventions.stored_edits import to_mapping
from engine.jobs.analyses import WHERE, Analyses, Question
from engine.session.lab import Lab
from engine.store.scenarios import Scenarios
from engine.store.store import RunStore
from engine.store.thinning import thin
from tests.ray_nodes import real_nodes, workers


@pytest.fixture(scope="module")
def nodes(tmp_path_factory, tiny_home):
    with real_nodes(tmp_path_factory.mktemp("node-home"), tiny_home / "cache", more=0) as cluster:
        yield cluster


@pytest.fixture
def store(own_tiny_home, monkeypatch, nodes):
    monkeypatch.setenv("PLUMAGE_HOME", str(own_tiny_home))
    return RunStore(own_tiny_home)


@pytest.fixture
def question(store):
    settings = {"attack": "fgsm", "eps": "2,4", "steps": 1}
    return Question(store.resolve("last"), 2, "robustness", settings)


def on(nodes, **needs):
    where = Where(on=nodes.address, **needs)
    return {"where": where.to_arguments(), "elsewhere": asking(where)}


def at_it(nodes):
    """The processes of the cluster that carry out the task."""
    named = [(pid, Path(f"/proc/{pid}/cmdline").read_bytes()) for pid in workers(nodes.head_node)]
    return [pid for pid, name in named if name.startswith(b"ray::_work")]


def test_the_answer_is_what_this_machine_finds_also_when_who_is_at_it_is_killed(store, question, nodes):
    here, heard, killed = answer(Lab(store, question.run), question), [], []

    def listen(step):
        heard.append(step.word)
        if step.word.startswith("on node") and not killed:
            killed.extend(at_it(nodes))
            for pid in killed:
                os.kill(pid, signal.SIGKILL)

    found = perform(store, question, listen, **on(nodes))
    assert found.keys() == here.keys()
    for name, array in here.items():
        np.testing.assert_array_equal(found[name], array)
        assert found[name].dtype == array.dtype
    state = Analyses(store).state(question)
    assert killed and state.status == "finished" and state.seconds > 0 and heard[0] == "packing the run"
    assert Analyses(store).job(question).arguments[WHERE]["on"] == nodes.address
    assert len(store.runs()) == 1


def test_a_scenario_is_found_by_its_name(store, nodes):
    run = store.resolve("last")
    text = Lab(store, run).view.concept_metrics(0).text[0]
    kept = Scenarios(store).save(run, 0, "mine", [to_mapping(SetWeight(text, 0, 0.5))])
    asked = Question(run, 0, "replay", {"scenario": kept.id})
    here = answer(Lab(store, run), asked)
    found = perform(store, asked, **on(nodes))
    for name, array in here.items():
        np.testing.assert_array_equal(found[name], array)


def test_what_cannot_be_is_said(store, question, nodes, monkeypatch):
    monkeypatch.setattr(answers_on_ray, "versions", lambda: {"torch": "1.0"})
    with pytest.raises(NotApplicable, match=f"node {socket.gethostname()}: its code or packages are others"):
        perform(store, question, **on(nodes))
    monkeypatch.undo()
    assert Analyses(store).state(question).status == "failed"
    unknown = Question(question.run, 2, "leakage", {})
    thin(store, question.run)
    with pytest.raises(ModelDropped):
        perform(store, unknown, **on(nodes))


def test_what_waits_for_a_node_that_is_large_enough_says_so_and_is_cancelled(store, question, nodes):
    heard = []

    def listen(step):
        heard.append(step.word)
        if "no node of which" in step.word:
            Analyses(store).cancel(question)

    perform_until_stopped(store, question, listen, on(nodes, cpus=64))
    assert "waiting for the cluster, no node of which has 64 CPUs" in heard
    assert Analyses(store).state(question).status == "stopped"


def perform_until_stopped(store, question, listen, place):
    from engine.jobs.working import Stopped

    with pytest.raises(Stopped):
        perform(store, question, listen, **place)


def test_the_command_asks_a_cluster(store, nodes, capsys):
    assert main(["analyse", "last", "exemplars", "--on", nodes.address]) == 0
    assert "exemplars of" in capsys.readouterr().err
    assert main(["analyse", "last", "exemplars", "--need", "cpus=2"]) == 2
    assert "Say --on too" in capsys.readouterr().err
