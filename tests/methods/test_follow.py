"""What methods keep of old classes, carried along with a backbone that changes."""

import dataclasses

import pytest
import torch
from torch.nn.functional import normalize

from engine.methods.base import METHODS
from engine.methods.moments import Moments
from engine.model.drift import LinearDrift, TranslationDrift

FOLLOWING = [name for name in METHODS if not METHODS.get(name).cannot_follow]
OF_WEIGHTS = {"adapter", "weights", "anchor", "fisher", "heads", "offsets"}
"""Memories as wide as an embedding that are learnt weights and no statistics, and stay as weights do."""


def linear(width):
    noise = torch.randn(width, width, dtype=torch.float64, generator=torch.Generator().manual_seed(5))
    return LinearDrift(torch.eye(width, dtype=torch.float64) + 0.4 * noise / width**0.5)


def seen_anew(data, drift):
    """A task as the new backbone sees it."""
    move = lambda features: drift.points(features.double()).float()  # noqa: E731
    return dataclasses.replace(data, features=move(data.features), val_features=move(data.val_features))


@pytest.mark.parametrize("name", ["gda", "slda", "ncm", "concil", "discriminant_cbm"])
def test_after_a_linear_movement_sums_are_those_of_the_new_backbones_images(tools, name):
    method, world, drift = tools.quick(name), tools.Small(), linear(tools.WIDTH)
    carried = method.follow(tools.whole(name)[0], drift)
    anew = tools.finish(method.learn(seen_anew(world.data(0, None), drift)))
    torch.testing.assert_close(carried.classes.means, anew.classes.means)
    shown = seen_anew(world.data(1, None), drift)
    one, other = (tools.finish(method.learn(dataclasses.replace(shown, previous=m))) for m in (carried, anew))
    for memory in ("counts", "sums", "squares"):
        if memory in other.memory:
            torch.testing.assert_close(one.memory[memory].double(), other.memory[memory].double(), atol=1e-4, rtol=1e-5)
    features, _ = world.test(1)
    ours, theirs = (m.from_features(drift.points(features.double()).float()).logits for m in (one, other))
    assert (ours.argmax(1) == theirs.argmax(1)).all()
    torch.testing.assert_close(ours, theirs, atol=2e-3 * float(theirs.abs().max()), rtol=0)


def test_moments_that_are_shifted_class_by_class():
    features = torch.randn(9, 3, generator=torch.Generator().manual_seed(1))
    labels = torch.tensor([0] * 4 + [1] * 5)
    moments = Moments.of(features, labels, 2)
    drift = TranslationDrift(moments.means, torch.tensor([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0]]).double(), bandwidth=1e-3)
    shifted = features + torch.tensor([[1.0, 0.0, 0.0], [0.0, 2.0, 0.0]])[labels]
    found, expected = moments.follow(drift), Moments.of(shifted, labels, 2)
    torch.testing.assert_close(found.sums, expected.sums, atol=1e-5, rtol=0)
    torch.testing.assert_close(found.squares, expected.squares, atol=1e-5, rtol=0)
    torch.testing.assert_close(found.scatter, moments.scatter, atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", FOLLOWING)
def test_following_changes_statistics_and_all_else_that_is_an_embedding(tools, name):
    method, before, drift = tools.quick(name), tools.whole(name)[0], linear(tools.WIDTH)
    copies = [t.clone() for t in tools.tensors(before)]
    after = method.follow(before, drift)
    expected = drift.statistics(before.classes)
    assert torch.equal(after.classes.means, expected.means)
    assert torch.equal(after.classes.covariances.covariances, expected.covariances.covariances)
    assert all(torch.equal(x, y) for x, y in zip(copies, tools.tensors(before), strict=True))
    assert after.memory.keys() == before.memory.keys()
    wide = {key for key, kept in before.memory.items() if kept.is_floating_point() and tools.WIDTH in kept.shape}
    still = {key for key in wide if torch.equal(after.memory[key], before.memory[key])}
    assert still <= OF_WEIGHTS, "these are as wide as an embedding, and stayed where they were"
    world = tools.Small()
    now = tools.finish(method.learn(world.data(1, after, method.sees_earlier_tasks)))
    torch.testing.assert_close(now.classes.means[:2], expected.means)  # and they are what the model keeps


def test_a_prototype_is_where_its_class_is(tools):
    before = tools.whole("ncm")[0]
    after = tools.quick("ncm").follow(before, linear(tools.WIDTH))
    torch.testing.assert_close(after.bottleneck, normalize(after.classes.means, dim=1))
    assert not torch.allclose(after.bottleneck, before.bottleneck, atol=1e-3)


@pytest.mark.parametrize(("name", "memory"), [("replay", "stored"), ("tame", "images")])
def test_stored_embeddings_move_and_keep_unit_length(tools, name, memory):
    before, drift = tools.whole(name)[1], linear(tools.WIDTH)
    after = tools.quick(name).follow(before, drift)
    torch.testing.assert_close(
        after.memory[memory], normalize(drift.points(before.memory[memory].double()), dim=1).float()
    )
    assert len(after.memory[memory])


def test_gaussian_replay_has_nothing_else_to_carry(tools):
    method = tools.quick("replay", replayed="gaussian")
    (before,) = tools.run(method, tasks=1)
    after = method.follow(before, linear(tools.WIDTH))
    assert after.memory == {} and not torch.equal(after.classes.covariances.of(0), before.classes.covariances.of(0))


def test_who_can_not_says_so():
    assert {name for name in METHODS if METHODS.get(name).cannot_follow} == {"acil", "fecam", "ranpac"}
