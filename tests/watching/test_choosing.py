"""What is watched by itself: the declared rules, on models and pictures made for them."""

import numpy as np
import torch

from engine.concepts.bank import Concept, ConceptBank
from engine.model.covariances.full import no_covariances
from engine.model.snapshot import ClassStatistics, Snapshot
from engine.watching import choosing


def angle(degrees):
    return [np.cos(np.radians(degrees)), np.sin(np.radians(degrees))]


MEANS = np.array([angle(0), angle(40)])


def shown(*pictures):
    labels, angles = zip(*pictures, strict=True)
    return np.array([angle(a) for a in angles]), np.array(labels), MEANS


def test_a_typical_picture_lies_at_its_mean_and_one_at_the_edge_between_two():
    found = choosing.probes(*shown((0, -30), (0, 1), (1, 42), (1, 22)), 2)
    assert found == [(1, "typical"), (3, "edge")]


def test_each_is_of_another_class_where_there_is_one():
    assert choosing.probes(*shown((0, 0), (0, 19), (1, 60)), 2) == [(0, "typical"), (2, "edge")]
    assert choosing.probes(*shown((0, 0), (0, 19)), 2) == [(0, "typical"), (1, "edge")]


def test_no_more_are_chosen_than_there_are():
    assert choosing.probes(*shown((0, 0)), 5) == [(0, "typical")]
    assert choosing.probes(np.zeros((0, 2)), np.zeros(0, np.int64), MEANS, 2) == []
    assert choosing.probes(np.array([angle(3)]), np.array([0]), MEANS[:1], 1) == [(0, "typical")]


def model(task, *concepts):
    """A snapshot of one class whose concepts are (text, group, task, weight)."""
    listed = tuple(Concept(text, group, born, 0) for text, group, born, _ in concepts)
    count = len(listed)
    bank = ConceptBank(listed, torch.eye(count))
    head = torch.tensor([[weight for *_, weight in concepts]])
    statistics = ClassStatistics(torch.zeros(1, 1), no_covariances(1), torch.zeros(1, 1))
    return Snapshot(
        task,
        (0,),
        bank,
        torch.eye(count),
        head,
        torch.zeros(1),
        statistics,
    )


def test_the_most_used_concepts_of_other_groups_come_first():
    now = model(0, ("red wing", "wing", 0, 0.9), ("blue wing", "wing", 0, -0.8), ("long tail", "tail", 0, 0.1))
    assert choosing.newcomers(now, [], 1, 2) == [(0, "used"), (2, "group")]
    assert choosing.newcomers(now, [], 1, 3) == [(0, "used"), (2, "group"), (1, "used")]
    assert choosing.newcomers(now, ["red wing", "long tail"], 1, 2) == []


def test_every_task_has_its_share_of_the_places():
    shares = [choosing.share(task, 8, 10) for task in range(8)]
    assert sum(shares) == 10
    assert max(shares) - min(shares) == 1
    assert sum(choosing.share(task, 20, 6) for task in range(20)) == 6


def test_some_places_are_for_those_that_drift_most():
    now = model(1, ("a", "", 0, 0.1), ("b", "", 0, 0.1), ("c", "", 1, 0.1))
    drift = np.array([0.2, 0.5, 0.9])
    assert choosing.drifting(now, drift, [], 2, 8, 0) == [(1, "drifting"), (0, "drifting")]  # c is of this task
    assert choosing.drifting(now, drift, ["b"], 2, 8, 1) == [(0, "drifting")]
    assert choosing.drifting(now, np.array([np.nan, 0.1, 0.2]), [], 2, 8, 0) == [(1, "drifting")]
    assert choosing.drifting(now, drift, [], 2, 3, 0) == []
