"""Repairs in a world where it is known what leaks: two body parts, one nuisance, and classes that cheat with it."""

from __future__ import annotations

import pytest
import torch

from engine.concepts.bank import Concept, ConceptBank
from engine.errors import NotApplicable
from engine.interventions.edits import Prune, PruneGroup, apply
from engine.interventions.repair import ProjectGroup, RefitWithout, directions, discriminant, freed, repairs
from engine.model.covariances.full import FullCovariances
from engine.model.snapshot import ClassStatistics, Snapshot
from engine.model.statistics import without_covariances

D, PER_CLASS = 6, 400
HOME = 1.0
"""How far a class's habitat moves its images along the nuisance, which is direction 2."""


def images(home: torch.Tensor, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Two classes that differ by 0.5 along direction 0, at places `home` [2] along direction 2; noise 0.3 elsewhere."""
    stream = torch.Generator().manual_seed(seed)
    noise = torch.randn(2 * PER_CLASS, D, generator=stream) * torch.tensor([0.3, 0.3, 0.05, 0.3, 0.3, 0.3])
    labels = torch.arange(2).repeat_interleave(PER_CLASS)
    means = torch.zeros(2, D)
    means[:, 0], means[:, 2] = torch.tensor([0.5, -0.5]), home
    return noise + means[labels], labels


def cheat() -> tuple[Snapshot, dict[str, tuple[torch.Tensor, torch.Tensor]]]:
    """A model that leans on the nuisance: by its concept "forest", and by a leak in its concept "crown"."""
    at_home, labels = images(torch.tensor([HOME, -HOME]), 0)
    bank = ConceptBank(
        (Concept("red crown", "crown"), Concept("long tail", "tail"), Concept("forest", "habitat")), torch.eye(D)[:3]
    )
    rows = torch.eye(D)[:3].clone()
    rows[:2, 2] = 1.5  # "red crown" responds to the forest more than to crowns, and so does "long tail"
    head = torch.tensor([[1.0, 0.2, 3.0], [-1.0, -0.2, -3.0]])
    means = torch.stack([at_home[labels == c].mean(0) for c in (0, 1)])
    spreads = torch.stack([torch.cov(at_home[labels == c].T) for c in (0, 1)])
    classes = ClassStatistics(means, FullCovariances(spreads), torch.eye(D)[:2])
    tests = {"home": images(torch.tensor([HOME, -HOME]), 1), "away": images(torch.tensor([-HOME, HOME]), 2)}
    return Snapshot(0, (0, 1), bank, rows, head, torch.zeros(2), classes), tests


def accuracy(model: Snapshot, sample: tuple[torch.Tensor, torch.Tensor]) -> float:
    features, labels = sample
    return float((model.from_features(features).logits.argmax(1) == labels).float().mean())


def test_pruning_alone_leaves_the_leak() -> None:
    model, tests = cheat()
    pruned = apply(model, [PruneGroup("habitat")])
    assert accuracy(model, tests["home"]) > 0.99 and accuracy(model, tests["away"]) < 0.01
    assert accuracy(pruned, tests["away"]) < 0.05


def test_projection_closes_the_leak() -> None:
    model, tests = cheat()
    repaired = apply(model, [ProjectGroup("habitat")])
    assert accuracy(repaired, tests["away"]) == pytest.approx(accuracy(repaired, tests["home"]), abs=0.03)
    assert accuracy(repaired, tests["away"]) > 0.9


def test_the_refit_closes_the_leak_only_if_the_nuisance_may_vary() -> None:
    model, tests = cheat()
    plain = apply(model, [RefitWithout("habitat", 0.0, 0.0)])
    free = apply(model, [RefitWithout("habitat", 1000.0, 0.0)])
    assert accuracy(plain, tests["away"]) < 0.05
    assert accuracy(free, tests["away"]) > 0.85  # crown minus tail: the habitat cancels, the tail's noise comes in
    assert torch.equal(free.bottleneck, model.bottleneck)
    assert float(free.head[:, 2].abs().max()) == 0


def test_endless_freedom_is_projection_and_refit() -> None:
    """Both heads then see the same two numbers of an image: where it lies along directions 0 and 1."""
    model, tests = cheat()
    rich = ConceptBank((*model.bank.concepts, Concept("white belly", "belly")), torch.eye(D)[[0, 1, 2, 4]])
    rows = torch.cat([model.bottleneck, (torch.eye(D)[1] - torch.eye(D)[2])[None]])  # now the leak can be cancelled
    head = torch.cat([model.head, torch.zeros(2, 1)], 1)
    model = Snapshot(0, (0, 1), rich, rows, head, model.bias, model.classes)
    projected = apply(model, [ProjectGroup("habitat"), RefitWithout("habitat", 0.0, 0.0)])
    free = apply(model, [RefitWithout("habitat", 1e4, 0.0)])
    both = [m.from_features(tests["home"][0]).logits.argmax(1) for m in (projected, free)]
    assert float((both[0] == both[1]).float().mean()) > 0.98


def test_directions_do_not_count_a_rewording_twice() -> None:
    model, _ = cheat()
    texts = torch.stack([torch.eye(D)[2], torch.eye(D)[2] + 0.001 * torch.eye(D)[3], torch.eye(D)[4]])
    concepts = tuple(Concept(f"forest {k}", "habitat") for k in range(3))
    bank = ConceptBank(concepts, texts)
    parts = torch.zeros(3, D), torch.zeros(2, 3), torch.zeros(2), model.classes
    basis = directions(Snapshot(0, (0, 1), bank, *parts), "habitat")
    assert basis.shape == (2, D)
    assert torch.allclose(basis @ basis.T, torch.eye(2), atol=1e-5)


def test_freedom_adds_mean_variances_along_the_basis() -> None:
    covariance = torch.diag(torch.tensor([1.0, 3.0]))
    assert freed(covariance, torch.tensor([[1.0, 0.0]]), 5.0).tolist() == [[11, 0], [0, 3]]


def test_without_sparsity_the_discriminant_is_fishers() -> None:
    """Means (1, 0) and (-1, 0), covariance diag(2, 1): w = d / variance, boundary in the middle."""
    weights, bias = discriminant(torch.tensor([[1.0, 0], [-1.0, 0]]), torch.diag(torch.tensor([2.0, 1.0])), 0.0, 0.0)
    assert torch.allclose(weights, torch.tensor([[0.5, 0], [-0.5, 0]]))
    assert torch.allclose(bias, torch.tensor([-0.25, -0.25]))  # of (1, 0) and (-1, 0): equal, so they cancel


def test_sparsity_is_soft_thresholding_where_scores_are_independent() -> None:
    """With unit covariance w = soft(d, l1), l1 = 0.3 of the largest entry of d."""
    means = torch.tensor([[1.0, 0.2], [-1.0, -0.2]])
    weights, _ = discriminant(means, torch.eye(2), 0.0, 0.3)
    assert torch.allclose(weights, torch.tensor([[0.7, 0], [-0.7, 0]]), atol=1e-4)


def test_a_repair_is_the_same_every_time() -> None:
    model, _ = cheat()
    first, second = (apply(model, [RefitWithout("habitat")]) for _ in range(2))
    assert torch.equal(first.head, second.head) and torch.equal(first.bias, second.bias)


def test_without_covariances_a_refit_says_why_not_and_the_rest_is_offered() -> None:
    model, _ = cheat()
    poor = Snapshot(0, (0, 1), model.bank, model.bottleneck, model.head, model.bias, without_covariances(model.classes))
    with pytest.raises(NotApplicable, match="kept no covariances"):
        apply(poor, [RefitWithout("habitat")])
    offered = {repair.name: repair.why_not for repair in repairs(poor, "habitat")}
    assert {name for name, reason in offered.items() if reason is None} == {"prune", "rescale", "project"}


def test_a_model_of_nothing_else_cannot_be_refitted() -> None:
    model, _ = cheat()
    bank = ConceptBank(tuple(Concept(c.text, "habitat") for c in model.bank.concepts), model.bank.embeddings)
    only = Snapshot(0, (0, 1), bank, model.bottleneck, model.head, model.bias, model.classes)
    with pytest.raises(NotApplicable, match="all its concepts are about habitat"):
        apply(only, [RefitWithout("habitat")])


def test_a_refit_keeps_the_size_of_the_logits_and_does_without_if_there_was_none() -> None:
    model, tests = cheat()
    before = (model.classes.means @ model.bottleneck.T @ model.head.T).std()
    after = apply(model, [RefitWithout("habitat")])
    assert torch.isclose((after.classes.means @ after.bottleneck.T @ after.head.T).std(), before, rtol=1e-4)
    nothing = apply(model, [Prune("red crown"), Prune("long tail"), PruneGroup("habitat"), RefitWithout("habitat")])
    assert accuracy(nothing, tests["home"]) == accuracy(after, tests["home"])
    assert float(nothing.head.abs().max()) > 1e-3
