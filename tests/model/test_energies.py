"""Energies against a hand-worked model, their descent, and what a person who sets a concept may expect."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from engine.model.side_channels.energies import STEPS, Energies

ZERO, LARGE = 0.0, 30.0


def two(through: float = 1.0, direct: float = 0.0) -> Energies:
    """Two classes, two concepts, two hidden units that are the concepts; class 0 wants both, class 1 none."""
    return Energies(
        offsets=torch.zeros(2),
        direct_in=torch.eye(2, 3),
        direct_offset=torch.zeros(2),
        direct_out=torch.tensor([[-1.0, 0.0], [0.0, -1.0]]),
        through_in=torch.eye(2),
        through_offset=torch.zeros(2),
        through_out=torch.tensor([[-4.0, -4.0], [0.0, 0.0]]),
        weights=torch.tensor([direct, through]),
        linear=torch.zeros(2, 2),
        constant=torch.zeros(2),
    )


X = torch.tensor([[0.6, 0.0, 0.8]])


def test_logits_of_concepts_that_nothing_can_move():
    scores = torch.tensor([[LARGE, -LARGE]])  # one certainly there, one certainly not
    found = two(direct=2.0).logits(X, scores)
    assert found.tolist()[0] == pytest.approx([4.0 + 2 * 0.6, 0.0], abs=1e-4)  # minus E_cy - 2 E_xy


def test_the_first_step_by_hand():
    scores = torch.zeros(1, 2)
    side = two()
    # c = 1/2 each: E_cy = (-4, 0), p = softmax(4, 0); the slope in each concept is -4 p_0; half of the way is taken
    p = torch.tensor([4.0, 0.0]).softmax(0)[0].item()
    one_step = 0.5 * 4 * p
    odds, own = torch.zeros(2), torch.zeros(2)
    for step in range(STEPS):
        hidden = odds.sigmoid()
        given = (-(side.through_out @ hidden)).softmax(0)
        odds = odds + 0.5 * (own + 4 * given[0] - odds)
        if step == 0:
            assert odds.tolist() == pytest.approx([one_step] * 2)
    torch.testing.assert_close(side.settled(X, scores), odds.expand(1, 2))


def test_a_held_concept_stays_and_moves_the_others():
    scores, held = torch.tensor([[-LARGE, 0.0]]), torch.tensor([True, False])
    odds = two().settled(X, scores, held)
    free = two().settled(X, torch.zeros(1, 2))
    assert odds[0, 0] == -LARGE and 0 < odds[0, 1] < free[0, 1]  # the second still speaks for class 0, with less force


def test_a_held_class_draws_its_concepts():
    scores = torch.zeros(2, 2)
    odds = two().settled(X.expand(2, 3), scores, classes=torch.eye(2))
    target = 4 * (1 - 0.5**STEPS)  # damped steps towards log odds of 4
    torch.testing.assert_close(odds, torch.tensor([[target, target], [0.0, 0.0]]))


def test_without_energy_between_concepts_and_class_nothing_settles():
    scores = torch.tensor([[0.3, -1.2]])
    assert torch.equal(two(through=0.0).settled(X, scores), scores)


def test_gradients_reach_the_scores_through_e_cy():
    scores = torch.tensor([[0.2, -0.3]], requires_grad=True)
    two().logits(X, scores)[0, 0].backward()
    assert scores.grad is not None and (scores.grad.abs() > 1e-3).all()


def test_what_the_head_reads_is_taken_off():
    read = dataclasses.replace(two(), linear=torch.tensor([[1.0, 2.0], [0.0, 1.0]]), constant=torch.tensor([0.5, 0.0]))
    scores = torch.tensor([[0.2, -0.3]])
    head = scores @ read.linear.T + read.constant
    torch.testing.assert_close(read.logits(X, scores) + head, two().logits(X, scores))


@pytest.mark.parametrize("name", sorted(Energies.axes))
def test_an_array_that_does_not_fit_is_named(name):
    side = two()
    assert side.why_not(3, 2, 2) is None
    wrong = torch.zeros(*(size + 1 for size in getattr(side, name).shape))
    told = dataclasses.replace(side, **{name: wrong}).why_not(3, 2, 2)
    assert told is not None and "instead of" in told
