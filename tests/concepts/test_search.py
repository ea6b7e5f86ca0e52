"""Concept search: the gate's gradients, the Mahalanobis term, and who gets which candidate."""

import pytest
import torch
from torch import nn
from torch.nn.functional import cross_entropy, normalize

from engine.concepts.adam import Adam
from engine.concepts.gate import Gate, Mahalanobis
from engine.concepts.search import Examples, SearchSettings, learned_search, nearest_free, similarity_search

SETTINGS = SearchSettings(31, 0.01, 16, True, 5.0)


def drained(steps):
    while True:
        try:
            next(steps)
        except StopIteration as finished:
            return finished.value


def examples(classes=4, count=30, width=16, noise=0.1, seed=0):
    """Classes around the first `classes` axes."""
    draw = torch.Generator().manual_seed(seed)

    def sample():
        labels = torch.arange(classes).repeat_interleave(count)
        return normalize(
            torch.eye(width)[labels] + noise * torch.randn(len(labels), width, generator=draw), dim=1
        ), labels

    return Examples(*sample(), *sample())


def test_gate_gradients_equal_autograd():
    draw = torch.Generator().manual_seed(1)
    x, y = torch.randn(12, 6, generator=draw), torch.randint(0, 3, (12,), generator=draw)
    gate = Gate(6, 5, 3, draw)
    with torch.no_grad():
        gate.weights[1].uniform_(0.5, 1.5, generator=draw)
    network = nn.Sequential(nn.Linear(6, 5, bias=False), nn.BatchNorm1d(5), nn.Linear(5, 3))
    for own, theirs in zip(gate.weights, network.parameters(), strict=True):
        theirs.data.copy_(own)
    loss, _, gradients = gate.step(x, y)
    expected = cross_entropy(network(x), y)
    expected.backward()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    for own, theirs in zip(gradients, network.parameters(), strict=True):
        torch.testing.assert_close(own, theirs.grad, atol=1e-6, rtol=1e-4)
    torch.testing.assert_close(gate.logits(x), network.eval()(x), atol=1e-5, rtol=0)


def test_a_frozen_gate_is_batch_normalisation_left_in_evaluation():
    draw = torch.Generator().manual_seed(1)
    x, y = torch.randn(12, 6, generator=draw), torch.randint(0, 3, (12,), generator=draw)
    gate = Gate(6, 5, 3, draw)
    network = nn.Sequential(nn.Linear(6, 5, bias=False), nn.BatchNorm1d(5), nn.Linear(5, 3))
    for own, theirs in zip(gate.weights, network.parameters(), strict=True):
        theirs.data.copy_(own)
    gate.step(x, y)
    network(x)  # both have seen one batch
    gate.freeze()
    network.eval()
    for batch in (slice(0, 7), slice(7, 12)):
        network.zero_grad()
        loss, _, gradients = gate.step(x[batch], y[batch])
        expected = cross_entropy(network(x[batch]), y[batch])
        expected.backward()
        assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
        for own, theirs in zip(gradients, network.parameters(), strict=True):
            torch.testing.assert_close(own, theirs.grad, atol=1e-6, rtol=1e-4)
    torch.testing.assert_close(gate.logits(x), network(x), atol=1e-5, rtol=0)


def test_mahalanobis_by_hand():
    """Candidates (+-1, 0), (0, +-1): covariance 2/3 I, so every unit vector lies at a squared distance of 1.5."""
    term = Mahalanobis(torch.tensor([[1.0, 0.0], [-1.0, 0.0], [0.0, 1.0], [0.0, -1.0]]), 2.0)
    assert term.mean_distance == pytest.approx(1.5)
    assert term.distances(torch.tensor([[2.0, 0.0]])).item() == pytest.approx(6.0)
    assert term.penalty(torch.tensor([[3.0, 4.0]])).item() == pytest.approx(0.0, abs=1e-6)


def test_mahalanobis_gradient_equals_autograd():
    draw = torch.Generator().manual_seed(2)
    term = Mahalanobis(normalize(torch.randn(20, 5, generator=draw), dim=1), 1.0)
    rows = torch.randn(7, 5, generator=draw).requires_grad_()
    term.penalty(rows).backward()
    torch.testing.assert_close(term.gradient(rows.detach()), rows.grad, atol=1e-6, rtol=1e-4)


def test_fewer_candidates_than_dimensions_have_a_finite_distance():
    """The covariance is singular; within the candidates' span the mean squared distance is (N - 1)^2 / N."""
    term = Mahalanobis(normalize(torch.randn(6, 40, generator=torch.Generator().manual_seed(0)), dim=1), 5.0)
    assert term.mean_distance == pytest.approx(25 / 6, rel=1e-3)


def test_each_row_takes_the_nearest_candidate_still_free():
    candidates = torch.eye(3)
    rows = torch.tensor([[0.9, 0.1, 0.0], [0.8, 0.5, 0.0], [1.0, 0.0, 0.2]])
    assert nearest_free(rows, candidates, 3) == [0, 1, 2]
    assert nearest_free(rows, candidates, 2) == [0, 1]


def test_learned_search_keeps_distinct_candidates_and_repeats_itself():
    data = examples()
    candidates = normalize(torch.randn(40, 16, generator=torch.Generator().manual_seed(4)), dim=1)
    first, second = (drained(learned_search(candidates, 12, data, SETTINGS, 7, 2)) for _ in range(2))
    assert first == second and len(set(first)) == 12
    assert first != drained(learned_search(candidates, 12, data, SETTINGS, 8, 2))


def test_a_term_that_is_lost_in_rounding_is_not_computed_and_chooses_alike(monkeypatch):
    data = examples(classes=6, width=96, noise=0.4)
    candidates = normalize(torch.randn(120, 96, generator=torch.Generator().manual_seed(5)), dim=1)
    assert not Mahalanobis(candidates, 5.0).counts and Mahalanobis(candidates, 4.0).counts
    asked = []
    gradient = Mahalanobis.gradient
    monkeypatch.setattr(Mahalanobis, "gradient", lambda term, rows: asked.append(1) or gradient(term, rows))
    left_out = drained(learned_search(candidates, 30, data, SETTINGS, 7, 0))
    assert asked == []
    monkeypatch.setattr(Mahalanobis, "counts", True)
    assert drained(learned_search(candidates, 30, data, SETTINGS, 7, 0)) == left_out and asked


def test_learned_search_does_not_read_more_than_it_may():
    """Validation data choose the epoch and nothing else; without them the last one is taken."""
    data = examples()
    blind = Examples(data.features, data.labels, data.val_features[:0], data.val_labels[:0])
    candidates = normalize(torch.randn(40, 16, generator=torch.Generator().manual_seed(4)), dim=1)
    assert len(drained(learned_search(candidates, 5, blind, SETTINGS, 7, 0))) == 5


def test_similarity_search_finds_what_separates():
    """Candidates 0..3 are the classes' own axes; 4..7 say nothing about any class."""
    data = examples()
    found = similarity_search(torch.eye(16)[:8], 1, data)
    assert sorted(found) == [0, 1, 2, 3]


def test_adam_equals_torchs():
    draw = torch.Generator().manual_seed(0)
    start = [torch.randn(4, 3, generator=draw), torch.randn(5, generator=draw)]
    ours, theirs = [t.clone() for t in start], [t.clone().requires_grad_() for t in start]
    adam, reference = Adam(ours), torch.optim.Adam(theirs, lr=0.1)
    for step in range(4):
        gradients = [torch.randn(t.shape, generator=draw) for t in start]
        for parameter, gradient in zip(theirs, gradients, strict=True):
            parameter.grad = gradient.clone()
        rate = reference.param_groups[0]["lr"] = 0.1 / (step + 1)
        adam.step(gradients, rate)
        reference.step()
    for own, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(own, other.detach(), atol=1e-6, rtol=1e-5)
