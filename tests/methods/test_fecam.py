"""Mahalanobis distances with a covariance for each class."""

import dataclasses

import numpy as np
import pytest
import torch
from torch.nn.functional import normalize

from engine.errors import NotApplicable
from engine.methods.base import Setup
from engine.methods.fecam import FeCAM
from tests.methods.closed_forms import gone, learnt, task_of


def stream(tools):
    return [tools.Small().data(task, None) for task in range(3)]


@pytest.mark.parametrize(("variance", "covariance"), [(1.0, 0.0), (1.0, 1.0), (0.2, 0.0)])
def test_it_is_the_distance_by_shrunk_correlations(tools, variance, covariance):
    datas = stream(tools)
    model = learnt(tools, FeCAM(variance=variance, covariance=covariance), datas)
    shown = tools.Small().test(2)[0].double().numpy()
    expected = np.empty((len(shown), 6))
    for data in datas:
        for label in data.labels.unique().tolist():
            own = data.features[data.labels == label].double().numpy()
            found = np.cov(own.T)
            off = ~np.eye(len(found), dtype=bool)
            shrunk = found + variance * found.diagonal().mean() * np.eye(len(found))
            shrunk[off] += covariance * found[off].mean()
            spread = np.sqrt(shrunk.diagonal())
            inverse = np.linalg.inv(shrunk / np.outer(spread, spread))
            apart = shown - own.mean(0)
            expected[:, label] = -np.einsum("nd,de,ne->n", apart, inverse, apart)
    logits = model.from_features(torch.from_numpy(shown).float()).logits.numpy()
    np.testing.assert_allclose(logits, expected, atol=1e-4, rtol=1e-4)


def test_a_class_does_not_depend_on_the_others(tools):
    datas = stream(tools)
    model, alone = learnt(tools, FeCAM(), datas), learnt(tools, FeCAM(), datas[:1])
    assert torch.equal(model.side.factors[:2], alone.side.factors)
    turned = [
        dataclasses.replace(datas[1], task=0, labels=datas[1].labels - 2, val_labels=datas[1].val_labels - 2),
        dataclasses.replace(datas[0], task=1, labels=datas[0].labels + 2, val_labels=datas[0].val_labels + 2),
    ]
    assert torch.equal(learnt(tools, FeCAM(), turned).side.factors[[2, 3, 0, 1]], model.side.factors[:4])


def test_one_image_and_equal_images_are_measured_by_plain_distance(tools):
    draw = torch.Generator().manual_seed(1)
    means = normalize(torch.randn(2, 6, generator=draw), dim=1)
    features, labels = torch.cat([means[:1], means[1:].repeat(4, 1)]), torch.tensor([0, 1, 1, 1, 1])
    model = learnt(tools, FeCAM(), [task_of(features, labels)])
    shown = normalize(torch.randn(20, 6, generator=draw), dim=1)
    torch.testing.assert_close(model.from_features(shown).logits, -torch.cdist(shown, means).square())


def test_fewer_images_than_dimensions_need_shrinkage(tools):
    draw = torch.Generator().manual_seed(2)
    features = normalize(torch.randn(6, 20, generator=draw), dim=1)
    data = task_of(features, torch.tensor([0, 0, 0, 1, 1, 1]))
    assert torch.isfinite(learnt(tools, FeCAM(), [data]).side.factors).all()
    with pytest.raises(NotApplicable, match="no inverse"):
        learnt(tools, FeCAM(variance=0.0), [data])
    few, many = (Setup(False, 10, 2, 20, fewest=images) for images in (6, 21))
    assert "variance above 0" in FeCAM(variance=0.0).why_not(few)
    assert FeCAM(variance=0.0).why_not(many) is None and FeCAM().why_not(few) is None


def test_more_covariance_than_variance_is_refused_with_the_reason(tools):
    one_way = torch.linspace(0, 1, 5)[:, None] * torch.ones(1, 6)  # every two dimensions go together
    data = task_of(torch.cat([one_way, one_way + 1]), torch.tensor([0] * 5 + [1] * 5))
    with pytest.raises(NotApplicable, match="Set variance above covariance"):
        learnt(tools, FeCAM(variance=0.5, covariance=2.0), [data])


def test_single_images_cannot_be_taken_from_an_inverse(tools):
    datas, method = stream(tools), FeCAM()
    with pytest.raises(NotApplicable, match="Unlearn whole classes"):
        method.unlearn(learnt(tools, method, datas), gone(datas, images=(3,)))


def test_it_says_what_it_will_hold():
    setup = Setup(False, 100, 10, 512)
    assert 100 * 512 * 513 * 2 < FeCAM().memory_bytes(setup) < 2**28
