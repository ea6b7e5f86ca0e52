"""SLCA: the alignment makes up for rows that were never trained against each other."""

import torch

from engine.methods.base import Setup
from engine.methods.slca import SLCA


def test_the_first_task_is_not_aligned_and_the_alignment_is_told_after_the_training(tools):
    world, method = tools.Small(), tools.quick("slca", aligned_epochs=3)
    first = tools.run(method, world, tasks=1)[0]
    steps = list(method.learn(world.data(1, first)))
    assert [step.epoch for step in steps] == list(range(1, 16)) and {step.epochs for step in steps} == {15}
    assert len(list(method.learn(world.data(0, None)))) == 12


def test_it_is_better_than_without_and_touches_every_row(tools):
    world = tools.Small(tasks=4)
    aligned, apart = (tools.run(tools.quick("slca", aligned_epochs=n, epochs=3), world) for n in (5, 0))
    assert torch.equal(apart[1].bottleneck[:2], apart[0].bottleneck)
    assert not torch.equal(aligned[1].bottleneck[:2], aligned[0].bottleneck)
    with_it, without = (tools.accuracy_matrix(models, world)[3].mean() for models in (aligned, apart))
    assert with_it > without and with_it > 0.9


def test_it_needs_two_tasks_and_two_images_a_class_and_knows_its_memory():
    assert SLCA().why_not(Setup(False, 4, 2, 8)) is None
    assert "nothing to align" in SLCA().why_not(Setup(False, 4, 1, 8))
    assert "a covariance takes two" in SLCA().why_not(Setup(False, 4, 2, 8, fewest=1))
    assert SLCA(samples_per_class=10).memory_bytes(Setup(False, 4, 2, 8)) == 4 * (2 * 64 * 4 + 2 * 4 * 10 * 8)
