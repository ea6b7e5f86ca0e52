"""PCBM: fixed directions and the head that is best for them."""

import dataclasses

import pytest
import torch

from engine.methods.base import METHODS, Setup
from engine.methods.pcbm import activation_vector

NAN = float("nan")


def test_an_activation_vector_is_what_differs():
    draw = torch.Generator().manual_seed(0)
    features = 0.1 * torch.randn(60, 4, generator=draw) + torch.tensor([5.0, 5.0, 0.0, 0.0])  # far from the origin
    true = torch.arange(60) % 3 == 0  # a third of the images
    features[true] += torch.tensor([0.0, 1.0, 0.0, 0.0])
    found = activation_vector(features, true, 0.1)
    assert found.norm().item() == pytest.approx(1.0) and found[1] > 0.98
    torch.testing.assert_close(activation_vector(features, ~true, 0.1), -found, atol=1e-3, rtol=0)


def test_directions_are_texts_that_stay(tools):
    first, second = tools.run(tools.quick("pcbm"), tasks=2)
    torch.testing.assert_close(first.bottleneck, torch.nn.functional.normalize(first.bank.embeddings, dim=1))
    assert torch.equal(second.bottleneck[: len(first.bank)], first.bottleneck)


def test_activation_vectors_where_images_say_both_and_texts_elsewhere(tools):
    world, method = tools.Small(), tools.quick("pcbm", directions="cav", search="none")
    data = world.data(0, None)
    told = torch.full((len(data.labels), len(data.candidates)), NAN)
    told[:, 0], told[:, 1] = (data.labels == 0).float(), 1.0  # both kinds; all of one kind; nobody says
    model = tools.finish(method.learn(dataclasses.replace(data, shown=told)))
    texts = torch.nn.functional.normalize(model.bank.embeddings, dim=1)
    torch.testing.assert_close(model.bottleneck[1:], texts[1:])
    torch.testing.assert_close(model.bottleneck[0], activation_vector(data.features, data.labels == 0, 0.1))
    assert METHODS.get("pcbm")(directions="cav").why_not(Setup(True, 4, 2, 8, has_truth=True)) is None
    assert "take texts" in METHODS.get("pcbm")(directions="cav").why_not(Setup(True, 4, 2, 8))


def test_the_head_is_optimal_on_standardised_scores(tools):
    """The derivative of the loss in every weight lies within the penalty's, and balances it where the weight counts."""
    strength, share = 0.02, 0.99
    world, method = tools.Small(), tools.quick("pcbm", strength=strength, l1_share=share, search="none")
    data = world.data(0, None)
    model = tools.finish(method.learn(data))
    scores = (data.features @ model.bottleneck.T).double()
    spread = scores.std(0, correction=0)
    weights = model.head.double() * spread  # of standardised scores
    errors = model.from_features(data.features).logits.double().softmax(1)
    errors[torch.arange(len(errors)), data.labels] -= 1
    slope = errors.T @ ((scores - scores.mean(0)) / spread) / len(errors)
    used = weights != 0
    assert used.any() and not used.all()
    against = -strength * (share * weights.sign() + (1 - share) * weights)
    torch.testing.assert_close(slope[used], against[used], atol=0.05 * strength, rtol=0)
    assert (slope[~used].abs() <= strength * share * 1.05).all()


def test_more_strength_uses_fewer_concepts(tools):
    used = [
        (tools.run(tools.quick("pcbm", strength=strength, search="none"), tasks=2)[1].head != 0).sum().item()
        for strength in (1e-4, 0.02, 0.3)
    ]
    assert used[0] > used[1] > used[2]
