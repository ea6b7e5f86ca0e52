"""Pseudo features are shifts: tables of new samples and of shifts give what the plain computation gives."""

import pytest
import torch
from torch.nn.functional import normalize

from engine.model.objective import Terms, TrainingObjective
from engine.model.pool import Batches, augmented_pool, partners, random_partners, real_pool

OLD, NEW, PER_CLASS, WIDTH, CONCEPTS = 5, 3, 8, 16, 12


@pytest.fixture
def world():
    draw = torch.Generator().manual_seed(0)
    features = normalize(torch.randn(NEW * PER_CLASS, WIDTH, generator=draw), dim=1)
    labels = torch.arange(NEW).repeat_interleave(PER_CLASS) + OLD
    means = torch.stack([features[labels == OLD + c].mean(0) for c in range(NEW)])
    old_means = torch.randn(OLD, WIDTH, generator=draw) / 4
    partner = torch.tensor([0, 0, 2, 1, 2])
    texts = normalize(torch.randn(CONCEPTS, WIDTH, generator=draw), dim=1)
    return features, labels, old_means, means, partner, texts


def plain_pool(features, labels, old_means, means, partner):
    """x - mu_new + mu_old at unit length, written down naively; features [M, D] and labels [M]."""
    rows, owners = [features], [labels]
    for c, p in enumerate(partner.tolist()):
        rows.append(normalize(features[labels == OLD + p] - means[p] + old_means[c], dim=1))
        owners.append(torch.full((PER_CLASS,), c))
    return torch.cat(rows), torch.cat(owners)


def test_pool_holds_the_pseudo_features_of_the_paper(world):
    features, labels, old_means, means, partner, _ = world
    pool = augmented_pool(features, labels, old_means, means, partner)
    expected, owners = plain_pool(features, labels, old_means, means, partner)
    torch.testing.assert_close(pool.features(), expected, atol=1e-6, rtol=0)
    assert torch.equal(pool.labels, owners)


def test_every_old_class_gets_its_own_mean_before_scaling(world):
    features, labels, old_means, means, partner, _ = world
    pool = augmented_pool(features, labels, old_means, means, partner)
    for c in range(OLD):
        own = pool.labels == c
        unscaled = (pool.features() / pool.scale)[own].mean(0)
        torch.testing.assert_close(unscaled, old_means[c], atol=1e-6, rtol=0)


def test_partner_is_the_new_class_most_like_the_name():
    names = torch.tensor([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
    means = torch.tensor([[0.1, 0.9], [5.0, 0.5]])
    assert partners(names, means).tolist() == [1, 0, 0]


def test_structured_batches_give_the_plain_scores_and_gradient(world):
    features, labels, old_means, means, partner, texts = world
    pool = augmented_pool(features, labels, old_means, means, partner)
    everything, owners = plain_pool(features, labels, old_means, means, partner)
    draw = torch.Generator().manual_seed(5)
    bottleneck = torch.randn(CONCEPTS, WIDTH, generator=draw)
    head = torch.randn(OLD + NEW, CONCEPTS, generator=draw)
    terms = Terms(1.0, False, 1e-3, 0.99)
    batches = Batches(pool, texts, 10, 0, aligned=True)
    order = torch.randperm(len(pool), generator=torch.Generator().manual_seed(9))
    for chosen, drawn in zip(order.split(10), batches.shuffled(torch.Generator().manual_seed(9)), strict=True):
        count = len(chosen)
        assert torch.equal(drawn, owners[chosen])
        torch.testing.assert_close(batches.features[:count], everything[chosen], atol=1e-5, rtol=0)
        torch.testing.assert_close(batches.targets[:count], everything[chosen] @ texts.T, atol=1e-5, rtol=0)
        ours, plain = (TrainingObjective(terms, 10, bottleneck, head) for _ in range(2))
        spare = torch.zeros(2, count, 1)
        ours.step(batches.features[:count], drawn[:, None], batches.targets[:count].clone(), *spare)
        plain.step(everything[chosen], drawn[:, None], everything[chosen] @ texts.T, *spare)
        torch.testing.assert_close(ours.bottleneck_grad, plain.bottleneck_grad, atol=1e-5, rtol=0)
        torch.testing.assert_close(ours.head_grad, plain.head_grad, atol=1e-5, rtol=0)


def test_an_epoch_visits_every_sample_once_and_its_mean_gradient_is_the_full_one(world):
    """Same distribution of batches: averaged over an epoch of equal batches, the cross-entropy's gradient is exact."""
    features, labels, old_means, means, partner, texts = world
    pool = augmented_pool(features, labels, old_means, means, partner)
    everything, owners = plain_pool(features, labels, old_means, means, partner)
    head = torch.randn(OLD + NEW, CONCEPTS, generator=torch.Generator().manual_seed(2))
    terms = Terms(0.0, False, 0.0, 1.0)
    batches = Batches(pool, texts, 16, 0, aligned=False)
    assert len(pool) % 16 == 0
    total, seen = torch.zeros(CONCEPTS, WIDTH), []
    for drawn in batches.shuffled(torch.Generator().manual_seed(1)):
        part = TrainingObjective(terms, 16, texts, head)
        part.step(batches.features, drawn[:, None], batches.targets, *torch.zeros(2, 16, 1))
        total += part.bottleneck_grad * 16 / len(pool)
        seen.append(drawn)
    whole = TrainingObjective(terms, len(pool), texts, head)
    whole.step(everything, owners[:, None], everything[:, :0], *torch.zeros(2, len(pool), 1))
    torch.testing.assert_close(total, whole.bottleneck_grad, atol=1e-5, rtol=0)
    assert torch.equal(torch.cat(seen).bincount(), owners.bincount())


def test_real_samples_pass_unchanged():
    features, labels = normalize(torch.randn(7, 4), dim=1), torch.zeros(7, dtype=torch.long)
    pool = real_pool(features, labels, 2)
    assert torch.equal(pool.features(), features) and not pool.shifted


def test_targets_at_the_length_they_were_made_with(world):
    """x - mu_new + mu_old as it is for the texts, at unit length for the bottleneck."""
    features, labels, old_means, means, partner, texts = world
    pool = augmented_pool(features, labels, old_means, means, partner)
    raw = pool.features() / pool.scale
    assert (raw.norm(dim=1) - 1).abs().max() > 0.1
    batches = Batches(pool, texts, 10, 0, aligned=True, unit_targets=False)
    order = torch.randperm(len(pool), generator=torch.Generator().manual_seed(9))
    for chosen, _ in zip(order.split(10), batches.shuffled(torch.Generator().manual_seed(9)), strict=True):
        count = len(chosen)
        torch.testing.assert_close(batches.features[:count], pool.features()[chosen], atol=1e-5, rtol=0)
        torch.testing.assert_close(batches.targets[:count], raw[chosen] @ texts.T, atol=1e-5, rtol=0)


def test_random_partners_are_new_classes_drawn_evenly():
    drawn = random_partners(6000, 3, torch.Generator().manual_seed(0))
    assert drawn.shape == (6000,)
    assert (drawn.bincount(minlength=3) - 2000).abs().max() < 150  # four standard deviations
