"""Training by gradients: a convex problem reaches its optimum, and soft thresholds are exact."""

import math

import pytest
import torch

from engine.model.descent import Descent, descend, leaf, soft_threshold


def test_the_step_falls_along_half_a_cosine():
    plan = Descent(4, 0.1, 8)
    assert [plan.rate(e) for e in range(4)] == pytest.approx(
        [0.1, 0.05 * (1 + math.sqrt(0.5)), 0.05, 0.0146447], rel=1e-4
    )


def test_it_finds_the_middle_of_the_samples_and_says_what_is_right():
    values = torch.tensor([1.0, 2.0, 3.0, 6.0])
    labels = torch.tensor([0, 0, 1, 1])
    (middle,) = weights = leaf(torch.zeros(1))

    def objective(rows):
        above = values[rows] - middle
        return above.square().mean(), torch.stack([-above, above], dim=1)

    passed = list(descend(weights, labels, objective, Descent(300, 0.1, 4), torch.Generator().manual_seed(0)))
    assert middle.item() == pytest.approx(3.0, abs=0.02)  # the mean
    assert passed[0].number == 1 and passed[0].loss == pytest.approx(12.5)  # (1 + 4 + 9 + 36) / 4, before its step
    assert passed[0].accuracy == 0.5 and passed[-1].loss == pytest.approx(3.5, abs=0.01)


def test_what_is_given_stays_and_what_follows_each_step_hears_its_size():
    start, heard = torch.ones(2), []
    weights = leaf(start)
    labels = torch.zeros(3, dtype=torch.long)

    def objective(rows):
        return weights[0].sum() * len(rows), torch.zeros(len(rows), 2)

    list(descend(weights, labels, objective, Descent(2, 0.5, 2), torch.Generator().manual_seed(0), heard.append))
    assert heard == pytest.approx([0.5, 0.5, 0.25, 0.25])  # two batches an epoch
    assert start.tolist() == [1, 1] and (weights[0] < 0).all()


def test_soft_threshold_by_hand():
    weights = torch.tensor([0.5, -0.5, 0.1, -0.2])
    soft_threshold(weights, 0.2)
    torch.testing.assert_close(weights, torch.tensor([0.3, -0.3, 0.0, 0.0]))
    assert weights[2:].tolist() == [0, 0]
