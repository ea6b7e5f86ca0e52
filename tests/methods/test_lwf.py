"""LwF: on new images old classes are answered as before."""

import torch

from engine.methods.base import Setup
from engine.methods.lwf import LwF


def test_the_stronger_the_less_old_answers_change(tools):
    world, apart = tools.Small(), []
    for strength in (0.0, 1.0, 30.0):
        first, second = tools.run(tools.quick("lwf", strength=strength), world, tasks=2)
        images = world.data(1, first).features
        was, now = (torch.softmax(model.from_features(images).logits[:, :2] / 2, 1) for model in (first, second))
        apart.append((was - now).abs().mean().item())
    assert apart[0] > apart[1] > apart[2]


def test_without_distillation_it_is_the_linear_probe(tools):
    plain, held = (tools.run(tools.quick(name), tasks=2)[1] for name in ("linear", "lwf"))
    assert not torch.equal(plain.bottleneck, held.bottleneck)
    without = tools.run(tools.quick("lwf", strength=0.0), tasks=2)[1]
    torch.testing.assert_close(without.bottleneck, plain.bottleneck)


def test_it_needs_a_second_task():
    assert "the method linear" in LwF().why_not(Setup(False, 4, 1, 8)) and LwF().why_not(Setup(False, 4, 2, 8)) is None
