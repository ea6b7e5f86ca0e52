"""Conditional probabilities of an energy-based bottleneck: by hand, and by the laws they must obey."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import torch

from engine.concepts.bank import Concept, ConceptBank
from engine.errors import NotApplicable
from engine.explain.conditionals import conditionals
from engine.model.covariances.full import no_covariances
from engine.model.side_channels.energies import Energies
from engine.model.snapshot import ClassStatistics, Snapshot

CLASSES, CONCEPTS, WIDTH, HIDDEN = 3, 4, 5, 6


def model(through: float = 1.0, seed: int = 2) -> Snapshot:
    draw = torch.Generator().manual_seed(seed)

    def some(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=draw)

    side = Energies(
        some(CONCEPTS),
        some(HIDDEN, WIDTH),
        some(HIDDEN),
        some(CLASSES, HIDDEN),
        some(HIDDEN, CONCEPTS),
        some(HIDDEN),
        some(CLASSES, HIDDEN),
        torch.tensor([0.5, through]),
        torch.zeros(CLASSES, CONCEPTS),
        torch.zeros(CLASSES),
    )
    bank = ConceptBank(tuple(Concept(f"c{k}") for k in range(CONCEPTS)), torch.zeros(CONCEPTS, WIDTH))
    classes = ClassStatistics(some(CLASSES, WIDTH), no_covariances(CLASSES), some(CLASSES, WIDTH))
    nothing = torch.zeros(CLASSES, CONCEPTS), torch.zeros(CLASSES)
    return Snapshot(0, (3, 1, 2), bank, some(CONCEPTS, WIDTH), *nothing, classes, side)


FEATURES = torch.nn.functional.normalize(torch.randn(9, WIDTH, generator=torch.Generator().manual_seed(4)), dim=1)


def test_they_are_one_joint_distribution():
    found = conditionals(model(), FEATURES)
    assert found.classes.sum() == pytest.approx(1.0)
    assert found.joint.sum(0) == pytest.approx(found.concepts)  # the classes summed out
    assert found.of_classes_by_concept.sum(1) == pytest.approx(np.ones(CONCEPTS))
    bayes = found.of_concepts_by_class * found.classes[:, None] / found.concepts
    assert bayes == pytest.approx(found.of_classes_by_concept.T)
    assert np.diag(found.of_concepts_by_concept) == pytest.approx(np.ones(CONCEPTS))
    both = found.of_concepts_by_concept * found.concepts[:, None]
    assert both == pytest.approx(both.T)
    assert (both <= np.minimum.outer(found.concepts, found.concepts) + 1e-6).all()  # both is no likelier than either


def test_concepts_that_no_class_moves_are_what_the_images_show():
    plain = model(through=0.0)
    found = conditionals(plain, FEATURES)
    shown = (FEATURES @ plain.bottleneck.T + plain.side.offsets).sigmoid().double()
    given = plain.from_features(FEATURES).logits.softmax(1).double()
    assert found.concepts == pytest.approx(shown.mean(0).numpy(), abs=1e-6)
    assert found.joint == pytest.approx((given.T @ shown / len(FEATURES)).numpy(), abs=1e-6)
    pair = (shown[:, 0] * shown[:, 1]).mean().item()
    assert found.pairs[0, 1] == pytest.approx(pair, abs=1e-6)


def test_a_class_that_wants_a_concept_makes_it_likelier():
    wanting = model()
    side = dataclasses.replace(
        wanting.side,
        through_in=torch.eye(HIDDEN, CONCEPTS),
        through_offset=torch.zeros(HIDDEN),
        through_out=torch.zeros(CLASSES, HIDDEN),
    )
    side.through_out[1, 2] = -3.0  # class 1 wants concept 2
    found = conditionals(dataclasses.replace(wanting, side=side), FEATURES).of_concepts_by_class
    assert found[1, 2] > found[0, 2] + 0.1 and found[1, 2] > found[2, 2] + 0.1


def test_a_model_without_energies_is_refused():
    with pytest.raises(NotApplicable, match="this model has none"):
        conditionals(dataclasses.replace(model(), side=None), FEATURES)
