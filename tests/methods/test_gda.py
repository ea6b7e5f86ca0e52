"""Gaussian discriminant analysis, against scikit-learn's and by hand."""

import dataclasses

import numpy as np
import pytest
import torch
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from torch.nn.functional import normalize

from engine.methods.base import Setup
from engine.methods.gda import GDA
from tests.methods.closed_forms import all_of, learnt, task_of


def stream(tools, order=(0, 1, 2)):
    world = tools.Small()
    datas = [world.data(task, None) for task in range(3)]
    places = {task: i for i, task in enumerate(order)}
    moved = []
    for data in datas:
        shift = 2 * (places[data.task] - data.task)
        changed = {"labels": data.labels + shift, "val_labels": data.val_labels + shift, "task": places[data.task]}
        moved.append(dataclasses.replace(data, **changed))
    return sorted(moved, key=lambda data: data.task)


def test_it_is_scikit_learns_discriminant_where_both_shrink_alike(tools):
    datas = stream(tools)
    features, labels = all_of(datas)
    images, width = features.shape
    # S + tr(S) / (N - 1) I with S of N - 1 is in proportion (1 - s) S + s tr(S) / D I with S of N
    s = width / (images - 1 + width)
    reference = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=s, priors=np.full(6, 1 / 6))
    reference.fit(features.double().numpy(), labels.numpy())
    model = learnt(tools, GDA(), datas)
    shown, _ = tools.Small().test(2)
    logits = model.from_features(shown).logits.double().numpy()
    theirs = reference.decision_function(shown.double().numpy())
    scale = (1 - s) * (images - 1) / images
    ours = logits - logits.mean(1, keepdims=True)
    np.testing.assert_allclose(ours, scale * (theirs - theirs.mean(1, keepdims=True)), atol=2e-4)
    assert (logits.argmax(1) == reference.predict(shown.double().numpy())).all()


def test_the_order_of_tasks_changes_nothing(tools):
    plain, turned = learnt(tools, GDA(), stream(tools)), learnt(tools, GDA(), stream(tools, (2, 0, 1)))
    places = [turned.class_ids.index(c) for c in plain.class_ids]
    torch.testing.assert_close(turned.bottleneck[places], plain.bottleneck, atol=1e-4, rtol=1e-5)
    torch.testing.assert_close(turned.bias[places], plain.bias, atol=1e-4, rtol=1e-5)


def test_two_classes_by_hand(tools):
    # deviations +-0.1 along the first axis in one class, along the second in the other; N = 4, D = 2
    features = torch.tensor([[0.9, 0.0], [1.1, 0.0], [0.0, 0.9], [0.0, 1.1]])
    model = learnt(tools, GDA(), [task_of(features, torch.tensor([0, 0, 1, 1]))])
    # scatter = 0.02 I, S = 0.02 / 3 I, tr(S) / 3 = 0.04 / 9, so P = 90 I
    torch.testing.assert_close(model.bottleneck, 90 * torch.eye(2), atol=1e-3, rtol=0)
    torch.testing.assert_close(model.bias, torch.tensor([-45.0, -45.0]), atol=1e-3, rtol=0)


@pytest.mark.parametrize("images", [1, 3])
def test_images_that_do_not_differ_leave_the_nearest_mean(tools, images):
    means = normalize(torch.randn(4, 8, generator=torch.Generator().manual_seed(1)), dim=1)
    data = task_of(means.repeat_interleave(images, 0), torch.arange(4).repeat_interleave(images))
    model = learnt(tools, GDA(), [data])
    shown = normalize(torch.randn(50, 8, generator=torch.Generator().manual_seed(2)), dim=1)
    nearest = torch.cdist(shown, means).argmin(1)
    assert torch.equal(model.from_features(shown).logits.argmax(1), nearest)


def test_fewer_images_than_dimensions_are_enough(tools):
    draw = torch.Generator().manual_seed(3)
    means = normalize(torch.randn(3, 40, generator=draw), dim=1)
    labels = torch.arange(3).repeat_interleave(2)
    features = normalize(means[labels] + 0.02 * torch.randn(6, 40, generator=draw), dim=1)
    model = learnt(tools, GDA(), [task_of(features, labels)])
    assert torch.isfinite(model.bottleneck).all()
    shown = normalize(means.repeat_interleave(20, 0) + 0.02 * torch.randn(60, 40, generator=draw), dim=1)
    assert torch.equal(model.from_features(shown).logits.argmax(1), torch.arange(3).repeat_interleave(20))


def test_names_add_their_cosine_where_they_are_asked_to(tools):
    datas = stream(tools)
    plain, named = learnt(tools, GDA(), datas), learnt(tools, GDA(zero_shot=0.5), datas)
    shown, _ = tools.Small().test(2)
    texts = torch.cat([data.class_texts for data in datas])
    added = named.from_features(shown).logits - plain.from_features(shown).logits
    torch.testing.assert_close(added, 50 * shown @ texts.T, atol=1e-3, rtol=1e-4)


def test_only_who_uses_names_needs_them():
    nameless = Setup(False, 10, 2, 8, frozenset({"quetzal"}))
    assert GDA().why_not(nameless) is None
    assert "quetzal" in GDA(zero_shot=1.0).why_not(nameless)


def test_it_says_what_it_will_hold():
    small, wide = (GDA().memory_bytes(Setup(False, 100, 10, width, images=50_000)) for width in (512, 5120))
    assert 8 * 512 * 5000 < small < 100 * 2**20 < wide
