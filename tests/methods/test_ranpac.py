"""Random projections and ridge regression."""

import dataclasses

import pytest
import torch

from engine.errors import NotApplicable
from engine.methods.base import Setup
from engine.methods.ranpac import RanPAC
from engine.model.packing import unpacked
from tests.methods.closed_forms import all_of, learnt, task_of


def stream(tools):
    return [tools.Small().data(task, None) for task in range(3)]


def lifted(model, features):
    return (features.double() @ model.side.projection.double()).relu()


def ridge_solution(model, features, labels, ridge):
    hidden, wanted = lifted(model, features), torch.nn.functional.one_hot(labels).double()
    gram = hidden.T @ hidden + ridge * torch.eye(hidden.shape[1], dtype=torch.float64)
    return torch.linalg.solve(gram, hidden.T @ wanted).T


def test_with_a_fixed_ridge_it_is_the_joint_solution(tools):
    datas = stream(tools)
    model = learnt(tools, RanPAC(random_features=50, ridge=10.0), datas)
    expected = ridge_solution(model, *all_of(datas), 10.0)
    torch.testing.assert_close(model.side.weights.double(), expected, atol=1e-6, rtol=1e-5)
    shown, _ = tools.Small().test(2)
    logits = model.from_features(shown).logits
    torch.testing.assert_close(logits.double(), lifted(model, shown) @ expected.T, atol=1e-4, rtol=1e-4)
    assert not model.head.any() and torch.equal(model.bottleneck, model.classes.means)


def test_with_a_fixed_ridge_the_order_of_tasks_changes_nothing(tools):
    one, two, three = stream(tools)
    turned = [
        dataclasses.replace(three, task=0, labels=three.labels - 4, val_labels=three.val_labels - 4),
        dataclasses.replace(one, task=1, labels=one.labels + 2, val_labels=one.val_labels + 2),
        dataclasses.replace(two, task=2, labels=two.labels + 2, val_labels=two.val_labels + 2),
    ]
    method = RanPAC(random_features=50, ridge=1.0)
    plain, other = learnt(tools, method, [one, two, three]), learnt(tools, method, turned)
    places = [other.class_ids.index(c) for c in plain.class_ids]
    torch.testing.assert_close(other.side.weights[places], plain.side.weights, atol=1e-6, rtol=1e-5)


def test_the_ridge_is_that_on_which_the_newest_validation_images_err_least(tools):
    datas = stream(tools)
    model = learnt(tools, RanPAC(random_features=50), datas)
    newest, joint = datas[-1], all_of(datas)
    wanted = torch.nn.functional.one_hot(newest.val_labels, 6).double()
    errors = {}
    for exponent in range(-6, 9):
        weights = ridge_solution(model, *joint, 10.0**exponent)
        errors[exponent] = float((lifted(model, newest.val_features) @ weights.T - wanted).square().mean())
    best = min(errors, key=errors.get)
    assert -6 < best < 8
    torch.testing.assert_close(
        model.side.weights.double(), ridge_solution(model, *joint, 10.0**best), atol=1e-6, rtol=1e-5
    )


def test_it_remembers_half_a_gram_matrix_in_float64(tools):
    datas = stream(tools)
    model = learnt(tools, RanPAC(random_features=50, ridge=1.0), datas)
    gram = model.memory["lifted_squares"]
    assert gram.dtype == torch.float64 and gram.shape == (50 * 51 // 2,)
    hidden = lifted(model, all_of(datas)[0])
    torch.testing.assert_close(unpacked(gram), hidden.T @ hidden, atol=1e-9, rtol=0)


def test_many_images_are_looked_at_in_parts_and_it_is_the_same(tools, monkeypatch):
    method = RanPAC(random_features=50, ridge=1.0)
    whole = learnt(tools, method, stream(tools))
    monkeypatch.setattr("engine.methods.random_layer.CHUNK", 7)
    parts = learnt(tools, method, stream(tools))
    torch.testing.assert_close(parts.side.weights, whole.side.weights, atol=1e-6, rtol=1e-5)


@pytest.mark.parametrize("ridge", [0.0, 1e-8])
def test_equal_images_and_fewer_of_them_than_features_are_solved(tools, ridge):
    features = torch.nn.functional.normalize(torch.tensor([[1.0, 2, 0], [0, 1, -2]]), dim=1).repeat_interleave(3, 0)
    labels = torch.tensor([0, 0, 0, 1, 1, 1])
    data = task_of(features, labels, val=(features[::3], labels[::3]))
    model = learnt(tools, RanPAC(random_features=30, ridge=ridge), [data])
    logits = model.from_features(features).logits
    assert torch.isfinite(logits).all() and torch.equal(logits.argmax(1), labels)


def test_without_a_validation_image_the_ridge_has_to_be_set(tools):
    data = task_of(torch.eye(3), torch.arange(3))
    with pytest.raises(NotApplicable, match="no validation image"):
        learnt(tools, RanPAC(random_features=10), [data])
    assert learnt(tools, RanPAC(random_features=10, ridge=1.0), [data]).side is not None
    alone = Setup(False, 10, 2, 8, images=10, fewest=1)
    assert "set it by hand" in RanPAC().why_not(alone) and RanPAC(ridge=1.0).why_not(alone) is None


def test_a_fork_cannot_change_the_size_of_the_layer(tools):
    first = learnt(tools, RanPAC(random_features=20), stream(tools)[:1])
    data = tools.Small().data(1, first)
    with pytest.raises(NotApplicable, match="has 20 random features"):
        tools.finish(RanPAC(random_features=30).learn(data))
    other_seed = tools.finish(RanPAC(random_features=20).learn(dataclasses.replace(data, seed=7)))
    assert torch.equal(other_seed.side.projection, first.side.projection)


def test_it_says_what_it_will_hold():
    setup = Setup(False, 100, 10, 512)
    assert RanPAC().memory_bytes(setup) < 2**29 < 2**32 < RanPAC(random_features=10_000).memory_bytes(setup)
