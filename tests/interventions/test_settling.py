"""Setting concepts of an energy-based bottleneck: what is set holds, what goes with it follows."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from engine.interventions.acts import PRESENT, VALUE, Act, outcome
from engine.interventions.propagation import propagate
from engine.interventions.settling import Settling
from engine.model.side_channels.energies import Energies

X = torch.tensor([1.0, 0.0])
NOTHING = np.zeros(3, np.bool_)
FIRST = np.array([True, False, False])


def pair() -> Settling:
    """Class 0 wants the first two concepts, class 1 neither; nobody cares for the third."""
    return Settling(
        Energies(
            torch.zeros(3),
            torch.zeros(2, 2),
            torch.zeros(2),
            torch.zeros(2, 2),
            torch.eye(2, 3),
            torch.zeros(2),
            torch.tensor([[-1.0, -1.0], [1.0, 1.0]]),
            torch.tensor([1.0, 1.0]),
            torch.zeros(2, 3),
            torch.zeros(2),
        ),
        X,
    )


def test_nothing_set_moves_nothing():
    scores = np.array([0.2, -0.1, 0.7])
    assert propagate(pair(), scores, NOTHING, scores).tolist() == scores.tolist()


def test_a_set_concept_draws_what_goes_with_it_and_leaves_the_rest():
    scores = np.zeros(3)
    there = propagate(pair(), scores, FIRST, np.array([5.0, 9.0, 9.0]))
    gone = propagate(pair(), scores, FIRST, np.array([-5.0, 9.0, 9.0]))
    assert there[0] == 5 and gone[0] == -5 and there[2] == gone[2] == 0
    assert there[1] > 0 > gone[1]


def test_what_hardly_moves_stays():
    assert propagate(pair(), np.zeros(3), FIRST, np.array([0.01, 0.0, 0.0])).tolist() == [0.01, 0, 0]


def test_what_is_expected_of_the_others_and_of_the_classes():
    own = pair().expected(np.zeros(3), NOTHING, np.zeros(3))
    there = pair().expected(np.zeros(3), FIRST, np.array([5.0, 0.0, 0.0]))
    gone = pair().expected(np.zeros(3), FIRST, np.array([-50.0, 0.0, 0.0]))
    assert there.concepts[0] == pytest.approx(1 / (1 + np.exp(-5)))
    assert own.classes.sum() == pytest.approx(1) and there.classes[0] > own.classes[0] > gone.classes[0]
    assert there.concepts[1] > own.concepts[1] > gone.concepts[1]
    assert own.concepts[2] == there.concepts[2] == 0.5


def test_everything_set_is_the_energy_of_what_was_set():
    found = pair().expected(np.zeros(3), np.ones(3, np.bool_), np.array([50.0, -50.0, 0.0]))
    assert found.concepts == pytest.approx([1, 0, 0.5], abs=1e-6)
    assert found.classes == pytest.approx(np.exp([1.0, -1.0]) / np.exp([1.0, -1.0]).sum())


def test_acts_can_follow_the_energies(small):
    scale = small.scale(3)
    found = outcome((Act(0, VALUE, 5.0), Act(2, PRESENT)), np.zeros(3), scale, pair())
    assert found.acted.tolist() == [True, False, True] and found.followed.tolist() == [False, True, False]
    against = outcome((Act(0, VALUE, -5.0),), np.zeros(3), scale, pair())
    assert against.after[1] < 0 < found.after[1]


def test_a_picture_follows_the_energies_of_a_model_that_has_some(tiny_lab):
    from dataclasses import replace

    from engine.exhibits.picture.instance import examine
    from engine.interventions.propagation import Correlations

    plain = examine(tiny_lab, 1, "test:0")
    assert isinstance(plain.following, Correlations)
    snapshot = plain.setup.snapshot
    (classes, concepts), width = snapshot.head.shape, snapshot.bottleneck.shape[1]
    through = torch.zeros(classes, concepts)
    through[0, :2], through[1:, :2] = -1.0, 1.0  # the first class wants the first two concepts
    nothing = torch.zeros(concepts), torch.zeros(1, width), torch.zeros(1), torch.zeros(classes, 1)
    linear = torch.zeros(classes, concepts), torch.zeros(classes)
    side = Energies(*nothing, torch.eye(concepts), torch.zeros(concepts), through, torch.ones(2), *linear)
    settling = replace(plain, setup=replace(plain.setup, snapshot=replace(snapshot, side=side)))
    found = settling.after((Act(0, VALUE, 5.0),))
    assert settling.following.source == "energies"
    assert found.followed.nonzero()[0].tolist() == [1] and found.after[1] > found.before[1]
