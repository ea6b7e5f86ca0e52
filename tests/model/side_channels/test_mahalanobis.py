"""Distances by each class's own covariance."""

import torch

from engine.model.side_channels.mahalanobis import MahalanobisSide

MEANS = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
FACTORS = torch.tensor([[1.0, 0.0, 1.0], [2.0, -1.0, 1.0]])  # F = [[1, 0], [0, 1]] and [[2, 0], [-1, 1]]


def test_it_is_the_negative_squared_length():
    x = torch.tensor([[3.0, 4.0], [2.0, 3.0]])
    logits = MahalanobisSide(MEANS, FACTORS).logits(x, torch.zeros(2, 0))
    assert logits.tolist() == [[-25.0, -20.0], [-13.0, -8.0]]  # F (2, 4) = (4, 2), F (1, 3) = (2, 2)


def test_at_its_mean_the_answer_is_zero_and_never_above():
    side = MahalanobisSide(MEANS, 1e4 * FACTORS)
    logits = side.logits(MEANS, MEANS)
    assert logits.diagonal().tolist() == [0.0, 0.0] and (logits <= 0).all()


def test_an_attack_can_follow_its_gradient():
    side = MahalanobisSide(MEANS.double(), FACTORS.double())
    x = torch.tensor([[0.3, 0.1], [-1.0, 0.3]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda images: side.logits(images, images), (x,))


def test_it_says_what_does_not_fit():
    side = MahalanobisSide(MEANS, FACTORS)
    assert side.why_not(2, 5, 2) is None
    assert "instead of (3, 2)" in side.why_not(2, 5, 3) and "instead of (2, 4)" in side.why_not(4, 5, 2)
    assert "instead of (2, 3)" in MahalanobisSide(MEANS, FACTORS[:, :2]).why_not(2, 5, 2)
