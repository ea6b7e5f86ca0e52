"""The proof of unlearning, and what is none."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from engine.analyses.performing import answer
from engine.analyses.unlearning import LOGITS, MODELS, Unlearning
from engine.errors import NotApplicable
from engine.jobs.analyses import Question
from engine.session.forgetting import to_forget
from engine.session.lab import Lab
from engine.session.unlearnt_fork import unlearn


@pytest.fixture
def fork(own_gda_lab):
    """A GDA run that has unlearnt a class of its last task."""
    lab = own_gda_lab
    name = lab.dataset.class_names[lab.stream.class_order[5]]
    return Lab(lab.store, unlearn(lab, to_forget(lab, [name], []))), lab


def proof(lab, task=2, **settings):
    return answer(lab, Question(lab.view.id, task, "unlearning", settings))


def test_three_models_are_compared_on_what_is_kept_and_on_what_is_gone(fork):
    child, lab = fork
    found = proof(child)
    assert found["model"].tolist() == list(MODELS) and found["exact"]
    assert (found["difference"] <= 1e-6 * np.maximum(1, found["size"])).all()
    assert dict(zip(found["part"], found["size"], strict=True))[LOGITS] > 1
    assert found["auc"][1] == pytest.approx(found["auc"][2]) and (found["low"] <= found["auc"]).all()
    np.testing.assert_allclose(found["kept"][:, 1], found["kept"][:, 2])
    sample = lab.sample("test", 2)
    here = sample.labels < 5  # what is kept of the run is all but its last class
    right = lab.snapshot(2).from_features(sample.features[here]).logits.argmax(1) == sample.labels[here]
    assert found["kept"][found["split"].tolist().index("test"), 0] == pytest.approx(float(right.double().mean()))
    last = lab.fresh(2).labels == 5
    assert (found["members"], found["strangers"]) == (int(last.sum()), int((sample.labels == 5).sum()))


def test_a_model_that_is_sure_of_what_it_learnt_gives_it_away(fork, monkeypatch):
    child, lab = fork
    learnt, certain = lab.fresh(2).features, lab.snapshot(2)

    def logits(features):
        known = (features[:, None] == learnt[None]).all(2).any(1).float()
        return dataclasses.replace(certain.from_features(features), logits=known[:, None] * 9 * torch.eye(6)[0])

    sure = type("Sure", (), {"class_ids": certain.class_ids, "from_features": staticmethod(logits)})()
    monkeypatch.setattr(sure, "from_features", logits, raising=False)
    monkeypatch.setitem(lab._snapshots, 2, sure)
    monkeypatch.setattr("engine.session.forgetting.Lab", lambda store, run: lab)
    assert proof(child)["auc"][0] == 1.0


def test_a_difference_that_rounding_does_not_explain_is_no_proof(fork, monkeypatch):
    child, _ = fork
    model = child.view.snapshot(2, memory=True)
    wrong = dataclasses.replace(model, bias=model.bias + 1e-3)
    monkeypatch.setattr(child.view, "snapshot", lambda task, memory=False: wrong)
    found = proof(child)
    assert not found["exact"] and 9e-4 < dict(zip(found["part"], found["difference"], strict=True))["bias"] < 1.1e-3
    assert proof(child, tolerance=1e-2)["exact"]


def test_before_it_was_learnt_there_is_nothing_to_prove(fork):
    with pytest.raises(NotApplicable, match="Ask after a later task"):
        proof(fork[0], task=1)


def test_a_run_that_unlearnt_nothing_or_lost_its_parent_has_no_proof(fork, tiny_lab):
    child, lab = fork
    assert Unlearning().why_not(child) is None
    assert all("no fork that has unlearnt" in Unlearning().why_not(other) for other in (lab, tiny_lab))
    lab.store.delete(lab.view.id)
    with pytest.raises(NotApplicable, match="still there"):
        proof(child)
