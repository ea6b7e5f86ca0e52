"""A fork that starts from an edited model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from engine.analyses.performing import answer
from engine.errors import NotApplicable
from engine.interventions.edits import PruneGroup, apply
from engine.interventions.stored_edits import to_mapping
from engine.jobs.analyses import Question
from engine.jobs.training import work
from engine.session.edited_fork import fork_edited
from engine.session.lab import Lab
from engine.store.origin import origin
from engine.store.scenarios import Scenario, Scenarios
from engine.store.store import RunStore
from engine.store.view import RunView

EDIT = PruneGroup("habitat")


@pytest.fixture
def lab(own_tiny_home: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    monkeypatch.setattr("engine.jobs.queue._start", lambda store, job: None)
    store = RunStore(own_tiny_home)
    return Lab(store, store.resolve("last"))


def saved(lab: Lab, task: int) -> Scenario:
    return Scenarios(lab.store).save(lab.view.id, task, "no habitat", [to_mapping(EDIT)])


def test_the_fork_starts_from_the_edited_model_and_its_numbers(lab: Lab) -> None:
    before = lab.view.snapshot(1)
    scenario = saved(lab, 1)
    child = RunView(lab.store, fork_edited(lab, scenario))
    edited = apply(before, [EDIT])
    assert torch.equal(child.snapshot(1).head, edited.head)
    assert torch.equal(child.snapshot(0).head, lab.view.snapshot(0).head)
    assert torch.equal(lab.view.snapshot(1).head, before.head)  # the parent is what it was
    assert (child.parent, child.parent_task, child.tasks_done) == (lab.view.id, 1, 2)
    sample = lab.sample("moved", 1)
    right = edited.from_features(sample.features).logits.argmax(1) == sample.labels
    assert child.accuracy_seen("moved")[1] == pytest.approx(float(right.double().mean()))
    assert not np.array_equal(child.confusion(1, "moved"), lab.view.confusion(1, "moved"))
    came = origin(lab.store, child.id)
    assert came is not None and (came.run, came.scenario, came.task) == (lab.view.id, scenario.id, 1)
    assert origin(lab.store, lab.view.id) is None


def test_later_training_goes_on_from_the_edits_and_the_replay_follows_it(lab: Lab) -> None:
    scenario = saved(lab, 1)
    child = fork_edited(lab, scenario, "mine")
    assert work(lab.store, child).status == "finished"
    assert not torch.equal(RunView(lab.store, child).snapshot(2).head, lab.view.snapshot(2).head)
    found = answer(lab, Question(lab.view.id, 1, "replay", {"scenario": scenario.id, "fork": child}))
    assert found["trained"][:, 0].tolist() == found["corrected"].tolist()
    assert (found["trained"][:, 1] >= 0).all() and np.isfinite(found["forked"]).all()


def test_after_the_last_task_nothing_is_left_to_learn(lab: Lab) -> None:
    with pytest.raises(NotApplicable, match="last task"):
        fork_edited(lab, saved(lab, 2))
    assert len(lab.store.runs()) == 1


def test_a_fork_that_cannot_be_written_leaves_nothing(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("engine.session.edited_fork.save", full)
    with pytest.raises(Exception, match="no space is left"):
        fork_edited(lab, saved(lab, 1))
    assert len(lab.store.runs()) == 1
