"""Experts take over where the loss jumps, and old ones come back where they fit."""

import math

import pytest
import torch

from engine.model.course import Labelled
from engine.model.switching import SwitchRule, fresh

RULE = SwitchRule(newest=0.2, window=20, deviations=3.0, most=10)
PAIRS = {0: (0, 1), 1: (2, 3)}


def batch(task):
    """Both classes of a task, each at a corner of its own."""
    labels = torch.tensor(PAIRS[task])
    return Labelled(torch.eye(4)[labels], labels)


def stream(tasks, steps=60, rule=RULE, classes=4):
    known = fresh(4)
    known.widened(classes)
    for task in tasks:
        for _ in range(steps):
            known.step(batch(task), rule, 1.0)
    return known


def test_a_step_is_gradient_descent_and_the_loss_is_smoothed():
    known = fresh(4)
    known.widened(2)
    first = Labelled(torch.tensor([[1.0, 0, 0, 0]]), torch.tensor([0]))
    loss, right = known.step(first, RULE, 1.0)
    assert loss == pytest.approx(math.log(2)) and right == 1
    torch.testing.assert_close(known.weights[0, :, 0], torch.tensor([0.5, -0.5]))
    torch.testing.assert_close(known.biases[0], torch.tensor([0.5, -0.5]))
    second, _ = known.step(first, RULE, 1.0)  # logits 1 and -1
    assert second == pytest.approx(math.log(1 + math.exp(-2)), rel=1e-5)
    assert known.losses == pytest.approx([loss, 0.2 * second + 0.8 * loss])
    assert known.bounds == [math.inf, math.inf] and known.lessons.tolist() == [[2, 0]]


def test_a_boundary_is_noticed_at_once_and_a_new_expert_takes_over():
    known = stream([0, 1])
    assert known.switches == [(60, 1)] and known.active == 1
    assert known.lessons.tolist() == [[60, 60, 0, 0], [0, 0, 60, 60]]


def test_an_old_expert_comes_back_where_it_fits():
    known = stream([0, 1, 0, 1])
    assert known.switches == [(60, 1), (120, 0), (180, 1)] and len(known.limits) == 2


def test_before_the_window_is_full_nothing_is_noticed():
    assert stream([0, 1], steps=15).switches == []


def test_there_are_never_more_experts_than_allowed():
    known = stream([0, 1], rule=SwitchRule(0.2, 20, 3.0, 1))
    assert len(known.limits) == 1 and known.switches[0] == (60, 0)  # noticed, and nobody else to ask
