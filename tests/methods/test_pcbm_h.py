"""PCBM-h: the concept head stays as PCBM solves it, and the residual learns what is left."""

import dataclasses

import pytest
import torch

from engine.errors import NotApplicable
from engine.model.side_channels.linear import LinearSide

STRONG = {"strength": 0.05, "search": "none"}  # a poor concept head, so that something is left


def test_the_concept_head_is_frozen_and_the_residual_helps(tools):
    world = tools.Small()
    plain = tools.run(tools.quick("pcbm", **STRONG), world, tasks=2)[1]
    hybrid = tools.run(tools.quick("pcbm_h", epochs=40, batch_size=32, **STRONG), world, tasks=2)[1]
    assert torch.equal(plain.bottleneck, hybrid.bottleneck) and torch.equal(plain.head, hybrid.head)
    assert torch.equal(plain.bias, hybrid.bias) and isinstance(hybrid.side, LinearSide)
    features, positions = world.test(1)
    losses = [torch.nn.functional.cross_entropy(m.from_features(features).logits, positions) for m in (plain, hybrid)]
    assert losses[1] < 0.7 * losses[0]


def test_the_residual_goes_on_from_the_last_tasks(tools):
    method = tools.quick("pcbm_h", epochs=1, learning_rate=1e-6, **STRONG)
    world = tools.Small()
    first = tools.run(method, world, tasks=1)[0]
    marked = dataclasses.replace(first, side=LinearSide(torch.full_like(first.side.weights, 0.5)))
    second = tools.finish(method.learn(world.data(1, marked)))
    torch.testing.assert_close(second.side.weights[:2], marked.side.weights, atol=1e-4, rtol=0)
    assert second.side.weights[2:].abs().max() < 1e-4


def test_a_strong_penalty_leaves_no_residual(tools):
    free, bound = (
        tools.run(tools.quick("pcbm_h", epochs=30, decay=decay, **STRONG), tasks=1)[0].side.weights.abs().mean()
        for decay in (0.0, 1000.0)
    )
    assert bound < 0.2 * free


def test_a_model_without_residual_was_left_by_another_method(tools):
    world = tools.Small()
    plain = tools.run(tools.quick("pcbm", **STRONG), world, tasks=1)[0]
    with pytest.raises(NotApplicable, match="carries no residual"):
        tools.finish(tools.quick("pcbm_h", epochs=1, **STRONG).learn(world.data(1, plain)))
