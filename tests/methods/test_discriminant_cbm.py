"""The discriminant bottleneck: at most as many concepts a class as asked for, whatever the order of the tasks."""

import dataclasses

import numpy as np
import pytest
import torch

from engine.errors import NotApplicable
from engine.methods.base import METHODS, Setup

Method = METHODS.get("discriminant_cbm")


def last(tools, world=None, **settings):
    return tools.run(Method(**settings), world or tools.Small())[-1]


def test_it_knows_the_classes_at_the_number_of_concepts_it_was_given(tools):
    world = tools.Small()
    for count in (2, 5):
        model = last(tools, target_nec=count)
        assert int((model.head != 0).sum(1).max()) == count
    features, positions = world.test(world.tasks - 1)
    assert (model.from_features(features).logits.argmax(1) == positions).float().mean() > 0.9


def test_all_tasks_at_once_are_the_same_model(tools):
    whole, parts = tools.Small(tasks=1, per_task=8), tools.Small()
    one, many = last(tools, whole), last(tools, parts)
    features, _ = parts.test(parts.tasks - 1)
    told = [model.from_features(features).logits for model in (one, many)]
    torch.testing.assert_close(*told, atol=1e-4, rtol=1e-4)
    assert {c.text for c in one.bank.concepts} == {c.text for c in many.bank.concepts}


def test_no_answer_rests_on_what_is_set_aside(tools):
    model = last(tools, set_aside="0", target_nec=4)
    is_aside = torch.tensor([concept.group == "0" for concept in model.bank.concepts])
    assert is_aside.any() and not model.head[:, is_aside].any()
    texts = model.bank.embeddings[is_aside] - model.bank.embeddings[~is_aside].mean(0)
    moved = torch.linalg.svd(texts, full_matrices=False).Vh[:1]
    x = torch.nn.functional.normalize(torch.ones(1, tools.WIDTH), dim=1)
    told = [model.from_features(features).logits for features in (x, x + 0.5 * moved)]
    torch.testing.assert_close(*told, atol=2e-3, rtol=0)


def test_a_group_that_nobody_lists_is_refused(tools):
    with pytest.raises(NotApplicable, match=r"no concept is of that group; there is 0, 1, 2, 3"):
        last(tools, set_aside="habitat")


def test_one_image_a_class_is_refused_before_it_starts():
    assert "two images of every class" in Method().why_not(Setup(True, 4, 2, 8, fewest=1))


def test_equal_images_shrink_to_the_nearest_mean(tools):
    world = tools.Small()
    data = world.data(0, None)
    means = torch.stack([data.features[data.labels == c].mean(0) for c in range(2)])
    same = dataclasses.replace(data, features=means[data.labels])
    model = tools.finish(Method().learn(same))
    assert torch.isfinite(model.head).all() and torch.isfinite(model.bottleneck).all()
    assert (model.from_features(means).logits.argmax(1) == torch.arange(2)).all()


def test_fewer_images_than_dimensions_still_give_a_model(tools):
    world = tools.Small()
    data = world.data(0, None)
    few = torch.cat([(data.labels == c).nonzero().flatten()[:3] for c in range(2)])
    less = dataclasses.replace(data, features=data.features[few], labels=data.labels[few])
    model = tools.finish(Method().learn(less))
    features, positions = world.test(0)
    assert np.isfinite(model.head.numpy()).all()
    assert (model.from_features(features).logits.argmax(1) == positions).float().mean() > 0.8
