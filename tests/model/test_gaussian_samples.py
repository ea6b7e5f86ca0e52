"""Gaussian samples of old classes: their distribution, and which classes have their turn."""

import pytest
import torch

from engine.model.covariances.full import FullCovariances
from engine.model.gaussian_samples import RIDGE, gaussian_extras

OLD, WIDTH = 7, 3


@pytest.fixture
def classes():
    draw = torch.Generator().manual_seed(0)
    means = 4 * torch.randn(OLD, WIDTH, generator=draw)
    roots = torch.randn(OLD, WIDTH, WIDTH, generator=draw)
    return means, roots @ roots.transpose(1, 2)


def extras(classes, cover, count, restart=True):
    means, covariances = classes
    return gaussian_extras(means, FullCovariances(covariances), cover, count, torch.Generator().manual_seed(1), restart)


def drawn(source, batches, epoch=0):
    return source.draw(batches, epoch, torch.Generator().manual_seed(2 + epoch))


def test_samples_have_their_classs_mean_and_covariance_and_come_at_unit_length(classes):
    means, covariances = classes
    found = drawn(extras(classes, OLD, 4000), 1)
    torch.testing.assert_close(found.features.norm(dim=2), torch.ones(1, OLD * 4000))
    raw, labels = (found.features * found.lengths)[0], found.labels[0]
    for c in range(OLD):
        own = raw[labels == c]
        spread = covariances[c].diagonal().sqrt().max()
        assert len(own) == 4000
        torch.testing.assert_close(own.mean(0), means[c], atol=0.1 * spread.item(), rtol=0)
        expected = covariances[c] + RIDGE * torch.eye(WIDTH)
        torch.testing.assert_close(torch.cov(own.T), expected, atol=0.1 * expected.abs().max().item(), rtol=0)


def test_few_batches_never_reach_the_rest_of_the_classes_unless_the_turns_go_on(classes):
    """Two classes a batch and two batches an epoch: 4 of 7 classes; going on, all 7 after two epochs."""
    restarting, going_on = (extras(classes, 2, 3, restart) for restart in (True, False))
    reached = [drawn(restarting, 2, epoch).labels.unique() for epoch in range(5)]
    assert all(torch.equal(labels, reached[0]) for labels in reached) and len(reached[0]) == 4
    first, second = (drawn(going_on, 2, epoch).labels for epoch in (0, 1))
    assert torch.equal(first, drawn(restarting, 2).labels)
    assert len(torch.cat([first, second]).unique()) == OLD


def test_every_batch_has_its_classes_in_turn(classes):
    source = extras(classes, 3, 2)
    labels = drawn(source, 3).labels
    order = source.turns.tolist() * 2
    assert labels.tolist() == [[c for c in order[3 * b : 3 * b + 3] for _ in range(2)] for b in range(3)]


def test_all_of_them_means_every_class_in_every_batch(classes):
    labels = drawn(extras(classes, OLD, 2), 3).labels
    assert all(row.bincount().tolist() == [2] * OLD for row in labels)
