"""Analytic class-incremental learning: the recursion against the regression on all images at once."""

import pytest
import torch

from engine.errors import NotApplicable
from engine.methods.acil import ACIL
from engine.methods.base import Setup
from engine.model.packing import unpacked
from tests.methods.closed_forms import all_of, learnt, task_of


def stream(tools):
    return [tools.Small().data(task, None) for task in range(3)]


def joint(hidden, labels, gamma):
    gram = hidden.T @ hidden + gamma * torch.eye(hidden.shape[1], dtype=torch.float64)
    return torch.linalg.solve(gram, hidden.T @ torch.nn.functional.one_hot(labels).double()), gram


@pytest.mark.parametrize("units", [0, 40])
@pytest.mark.parametrize("chunk", [7, 1024])
def test_the_recursion_equals_the_joint_ridge(tools, units, chunk, monkeypatch):
    monkeypatch.setattr("engine.methods.random_layer.CHUNK", chunk)
    datas = stream(tools)
    model = learnt(tools, ACIL(random_features=units), datas)
    features, labels = all_of(datas)
    hidden = features.double()
    if units:
        hidden = (hidden @ model.side.projection.double()).relu()
    expected, gram = joint(hidden, labels, 0.1)
    torch.testing.assert_close(model.memory["weights"], expected, atol=1e-6, rtol=1e-6)
    inverse = unpacked(model.memory["inverse"])
    torch.testing.assert_close(inverse @ gram, torch.eye(len(gram), dtype=torch.float64), atol=1e-6, rtol=0)
    rows = model.side.weights if units else model.bottleneck
    torch.testing.assert_close(rows.double(), expected.T, atol=1e-6, rtol=1e-5)
    logits = model.from_features(features).logits
    torch.testing.assert_close(logits.double(), hidden @ expected, atol=1e-4, rtol=1e-4)


def test_without_a_layer_it_is_linear_in_the_embedding(tools):
    model = learnt(tools, ACIL(random_features=0), stream(tools))
    assert model.side is None and torch.equal(model.head, torch.eye(6))


@pytest.mark.parametrize("units", [0, 30])
def test_one_image_a_class_equal_ones_and_fewer_than_dimensions_are_solved(tools, units):
    features = torch.eye(3, 9)[:2].repeat_interleave(3, 0)
    labels = torch.tensor([0, 0, 0, 1, 1, 1])
    first = learnt(tools, ACIL(random_features=units), [task_of(features, labels)])
    lone = task_of(torch.eye(3, 9)[2:], torch.tensor([2]), task=1, previous=first)
    model = tools.finish(ACIL(random_features=units).learn(lone))
    assert torch.equal(model.from_features(torch.eye(3, 9)).logits.argmax(1), torch.arange(3))


@pytest.mark.parametrize(("before", "after"), [(20, 30), (0, 30), (20, 0)])
def test_a_fork_cannot_change_the_layer(tools, before, after):
    first = learnt(tools, ACIL(random_features=before), stream(tools)[:1])
    with pytest.raises(NotApplicable, match="the run so far"):
        tools.finish(ACIL(random_features=after).learn(tools.Small().data(1, first)))


def test_it_says_what_it_will_hold():
    setup = Setup(False, 100, 10, 512)
    assert ACIL(random_features=0).memory_bytes(setup) < ACIL().memory_bytes(setup) < 2**29
    assert ACIL(random_features=20_000).memory_bytes(setup) > 2**33
