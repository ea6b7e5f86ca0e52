"""How many numbers a model is made of, counted by hand."""

import dataclasses

import torch

from engine.concepts.bank import Concept, ConceptBank
from engine.model.covariances.full import FullCovariances, no_covariances
from engine.model.side_channels.linear import LinearSide
from engine.model.size import ModelSize, size_of
from engine.model.snapshot import ClassStatistics, Snapshot


def model(classes=2, concepts=3, width=4, covariances=True):
    """Three concepts of four numbers, a head with one zero, no bias."""
    bank = ConceptBank(tuple(Concept(f"c{k}", "", 0, 0) for k in range(concepts)), torch.ones(concepts, width))
    head = torch.ones(classes, concepts)
    head[0, 0] = 0
    spread = FullCovariances(torch.ones(classes, width, width)) if covariances else no_covariances(classes)
    statistics = ClassStatistics(torch.full((classes, width), 0.5), spread, torch.ones(classes, width))
    return Snapshot(0, tuple(range(classes)), bank, torch.ones(concepts, width), head, torch.zeros(classes), statistics)


def test_rows_head_means_and_one_triangle_of_each_covariance():
    """12 + 5 parameters; 2 means of 4 and 2 triangles of 10 beside them."""
    assert size_of(model()) == ModelSize(17, 17 + 8 + 20)
    assert size_of(model(covariances=False)) == ModelSize(17, 25)


def test_a_side_channel_is_parameters_and_a_memory_is_stored():
    plain = model(covariances=False)
    side = dataclasses.replace(plain, side=LinearSide(torch.ones(2, 4)), memory={"gram": torch.ones(10)})
    assert size_of(side) == ModelSize(25, 25 + 8 + 10)


def test_means_that_are_the_rows_count_once():
    plain = model(concepts=2, covariances=False)
    ncm = dataclasses.replace(plain, bottleneck=plain.classes.means.clone(), head=torch.eye(2))
    assert size_of(ncm) == ModelSize(10, 10)
