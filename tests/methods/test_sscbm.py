"""SSCBM: the label budget, and labels borrowed from neighbours, by hand."""

import dataclasses

import pytest
import torch

from engine.methods.base import METHODS, Setup
from engine.methods.sscbm import borrowed, drawn

FEATURES = torch.nn.functional.normalize(torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0], [1.0, 0.0]]), dim=1)
LABELS = torch.tensor([[1.0, 0.0], [0.0, 1.0], [9.0, 9.0], [9.0, 9.0]])


def test_labels_are_borrowed_by_distance_and_weights_sum_to_one():
    found = borrowed(FEATURES, LABELS, torch.tensor([0, 1]), 3)
    assert found[:2].tolist() == LABELS[:2].tolist()
    assert found[2].tolist() == pytest.approx([0.5, 0.5])  # as far from one as from the other
    assert found[3].tolist() == pytest.approx([1.0, 0.0], abs=1e-5)  # equal to the first
    near = 1 / (1 - 0.8 + 1e-6), 1 / (1 - 0.6 + 1e-6)  # cosines with (0.8, 0.6)
    one = borrowed(torch.cat([FEATURES[:2], torch.tensor([[0.8, 0.6]])]), LABELS[:3], torch.tensor([0, 1]), 2)
    assert one[2].tolist() == pytest.approx([near[0] / sum(near), near[1] / sum(near)], rel=1e-4)


def test_one_neighbour_lends_all():
    assert borrowed(FEATURES, LABELS, torch.tensor([1]), 1)[0].tolist() == [0, 1]


def test_the_budget_is_a_share_drawn_at_random():
    stream = torch.Generator().manual_seed(0)
    rows = drawn(100, 0.2, stream)
    assert len(set(rows.tolist())) == 20 and rows.tolist() != list(range(20))
    assert rows.tolist() == drawn(100, 0.2, torch.Generator().manual_seed(0)).tolist()
    assert drawn(100, 0.001, stream).shape == (1,) and drawn(7, 1.0, stream).tolist() == list(range(7))


def test_a_budget_of_nothing_is_refused_in_words():
    setup = Setup(True, 10, 2, 8)
    assert "label budget of 0" in METHODS.get("sscbm")(label_budget=0.0).why_not(setup)
    assert METHODS.get("sscbm")(label_budget=0.01).why_not(setup) is None


def test_only_the_budgets_labels_reach_the_model(tools):
    """Labels of images outside the budget may be anything."""
    world, method = tools.Small(), tools.quick("sscbm", search="none", label_budget=0.25, epochs=3)
    data = world.data(0, None)
    told = (
        torch.rand(len(data.labels), len(data.candidates), generator=torch.Generator().manual_seed(3)) < 0.5
    ).float()
    from engine.rng import torch_stream

    hidden = torch.ones(len(data.labels), dtype=torch.bool)
    hidden[drawn(len(data.labels), 0.25, torch_stream(data.seed, "label-budget", 0))] = False
    lied, other = told.clone(), told.clone()
    lied[hidden] = 1 - lied[hidden]
    other[~hidden] = 1 - other[~hidden]
    first, same, changed = (
        tools.finish(method.learn(dataclasses.replace(data, shown=shown))) for shown in (told, lied, other)
    )
    assert tools.equal(first, same) and not tools.equal(first, changed)


def test_all_labels_teach_more_than_few(tools):
    """Concepts that no list tells: which half of the space an image lies in."""
    world = tools.Small()
    data = world.data(0, None)
    normals = torch.randn(len(data.candidates), tools.WIDTH, generator=torch.Generator().manual_seed(5))
    told = ((data.features - data.features.mean(0)) @ normals.T > 0).float()
    right = []
    for budget in (0.02, 1.0):
        method = tools.quick("sscbm", search="none", label_budget=budget, epochs=40, batch_size=16)
        model = tools.finish(method.learn(dataclasses.replace(data, shown=told)))
        scores = model.from_features(data.features).scores + model.memory["concept_offsets"]
        right.append(((scores > 0) == (told[:, : len(model.bank)] > 0)).float().mean().item())
    assert right[1] > right[0] + 0.1
