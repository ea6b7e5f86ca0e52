"""A random layer beside the concepts."""

import pytest
import torch

from engine.model.side_channels.random_features import RandomFeatures

LAYER = torch.tensor([[1.0, -1.0, 0.0], [0.0, 1.0, 2.0]])
WEIGHTS = torch.tensor([[1.0, 2.0, 0.5], [0.0, -1.0, 1.0]])


def test_it_is_the_weighted_positive_part():
    x = torch.tensor([[3.0, 1.0]])  # R'x = 3, -2, 2
    logits = RandomFeatures(LAYER, WEIGHTS).logits(x, torch.zeros(1, 0))
    assert logits.tolist() == [[4.0, 2.0]]


def test_an_attack_can_follow_its_gradient():
    side = RandomFeatures(LAYER.double(), WEIGHTS.double())
    x = torch.tensor([[3.0, 1.0], [-1.0, 0.3]], dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda images: side.logits(images, images), (x,))


def test_it_says_what_does_not_fit():
    side = RandomFeatures(LAYER, WEIGHTS)
    assert side.why_not(2, 5, 2) is None
    assert "embeddings have 3 dimensions" in side.why_not(3, 5, 2)
    assert "instead of (4, 3)" in side.why_not(2, 5, 4)


@pytest.mark.parametrize("units", [0, 2])
def test_hostile_shapes_are_refused(units):
    assert RandomFeatures(torch.zeros(2, units), torch.zeros(2, 3)).why_not(2, 0, 2) is not None
