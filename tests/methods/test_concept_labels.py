"""Which concepts are true of what a variant trains on."""

import dataclasses

import torch

from engine.concepts.bank import Concept, ConceptBank
from engine.methods.concept_labels import (
    UNKNOWN,
    class_rates,
    concept_loss,
    concept_targets,
    image_labels,
    shown,
)

NAN = float("nan")


def bank(*concepts):
    return ConceptBank(tuple(concepts), torch.zeros(len(concepts), 4))


CANDIDATES = bank(
    Concept("red crown", class_id=5, truth=2),
    Concept("long tail", class_id=5),
    Concept("webbed feet", class_id=6, truth=7),
)
BANK = bank(
    Concept("crown of red", class_id=1, truth=2), Concept("long tail"), Concept("webbed feet", truth=7), Concept("x")
)


def data(tools, **changes):
    base = tools.Small().data(0, None)
    told = torch.tensor([[1.0, NAN, 0.0], [0.0, NAN, 0.0], [1.0, NAN, 1.0]])
    fixed = {"class_ids": (5, 6), "labels": torch.tensor([0, 0, 1]), "features": base.features[:3]}
    return dataclasses.replace(base, candidates=CANDIDATES, shown=told, **fixed, **changes)


def test_what_the_data_say_by_text_or_by_fact(tools):
    found = shown(data(tools), BANK)
    assert found[:, 0].tolist() == [1, 0, 1] and found[:, 2].tolist() == [0, 0, 1]
    assert found[:, [1, 3]].isnan().all()


def test_where_they_do_not_say_the_class_list_does(tools):
    labels = image_labels(data(tools), BANK)
    assert labels[:, 1].tolist() == [1, 1, 0]  # listed for class 5 alone
    assert labels[:, 3].tolist() == [0, 0, 0]  # listed for nobody
    nobody = dataclasses.replace(data(tools), shown=torch.zeros(0, 0))
    assert image_labels(nobody, BANK)[:, 2].tolist() == [0, 0, 1]  # listed for class 6


def test_rates_of_old_classes_are_kept_and_new_concepts_unknown_to_them(tools):
    labels = torch.tensor([[1.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    first = class_rates(data(tools), None, labels)
    assert first.tolist() == [[0.5, 0.0], [1.0, 1.0]]
    later = dataclasses.replace(data(tools), labels=torch.tensor([2, 2, 3]))
    found = class_rates(later, first, torch.cat([labels, labels[:, :1]], dim=1))
    assert found.tolist() == [[0.5, 0, UNKNOWN], [1, 1, UNKNOWN], [0.5, 0, 0.5], [1, 1, 1]]


def test_samples_find_their_labels_and_unknown_ones_do_not_count():
    labels, rates = torch.tensor([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([[0.25, UNKNOWN], [0.5, 0.5]])
    targets = concept_targets(labels, rates, torch.tensor([1, 1, 0, 0]))
    found, known = targets.of(torch.tensor([3, 1]))
    assert found.tolist() == [[0.25, 0], [0, 1]] and known.tolist() == [[1, 0], [1, 1]]
    loss = concept_loss(torch.zeros(2, 2), found, known)
    torch.testing.assert_close(loss, torch.tensor(2.0).log())  # each of three at odds of 1
    assert concept_loss(torch.ones(1, 1), torch.ones(1, 1), torch.zeros(1, 1)).item() == 0
