"""Attacks on concepts, worked out on a linear model whose concepts are separate pixels."""

import dataclasses

import pytest
import torch

from engine.attacks.concepts import Flip, Switch
from engine.attacks.fgsm import FGSM
from engine.attacks.pgd import PGD
from engine.attacks.victim import Victim, VictimOutput
from engine.errors import BadInput
from engine.steps import finish
from tests.attacks.small import PIXELS, Linear, grey, snapshot

EPS = 20 / 255


def victim(head, bias=(0.0, 0.0)):
    """Concepts 0 and 1 are the first two pixels; the classes are weighed sums of them."""
    return Victim(Linear(torch.eye(2, PIXELS)), snapshot(torch.tensor(head), bias=torch.tensor(bias)))


ONE = torch.zeros(1, dtype=torch.int64)
THRESHOLDS = torch.tensor([0.55, 0.45])


@pytest.mark.parametrize(("concept", "on", "sign"), [(0, True, 1), (1, False, -1)])
def test_a_switch_moves_its_own_pixel_only(concept, on, sign):
    easy = victim([[0.0, 0.0], [0.0, 0.0]], bias=(5.0, 0.0))
    aim = Switch(ONE + concept, torch.tensor([on]), THRESHOLDS, ONE)
    attacked = finish(FGSM(eps=20.0).run(easy, grey(), aim, 0))
    moved = torch.zeros(PIXELS)
    moved[concept] = sign * EPS
    torch.testing.assert_close((attacked.images - grey()).flatten(), moved)
    assert attacked.won.all()  # 0.5 -> 0.578 > 0.55, or 0.422 < 0.45


def answer(scores, logits):
    return VictimOutput(torch.tensor([scores]), torch.tensor([logits]), None)


def test_a_switch_is_won_only_with_the_label_held():
    on, off = (Switch(ONE, torch.tensor([way]), THRESHOLDS, ONE) for way in (True, False))
    assert on.won(answer([0.6, 0.0], [1.0, 0.0])).all()
    assert not on.won(answer([0.6, 0.0], [0.0, 1.0])).any()
    assert not on.won(answer([0.5, 0.0], [1.0, 0.0])).any()
    assert off.won(answer([0.5, 0.0], [1.0, 0.0])).all()


def test_a_switch_pays_for_the_label_by_hand():
    aim = Switch(ONE, torch.tensor([True]), THRESHOLDS, ONE, penalty=3.0)
    assert aim.loss(answer([0.6, 0.0], [1.0, 0.0])).item() == pytest.approx(0.05)
    assert aim.loss(answer([0.6, 0.0], [0.0, 1.0])).item() == pytest.approx(0.05 - 3 * 1.1)  # a tenth of room


def _patient():
    return PGD(eps=20.0, steps=30, step=0.1, restarts=0)


def test_the_penalty_finds_the_way_that_holds_the_label():
    # lifting pixel 0 alone costs the label; lifting pixel 1 as well keeps it
    model = victim([[0.0, 3.0], [3.0, 0.0]], bias=(0.12, 0.0))
    held, free = (
        finish(_patient().run(model, grey(), Switch(ONE, ONE == 0, THRESHOLDS, ONE, penalty), 0))
        for penalty in (1.0, 0.0)
    )
    assert held.won.all()
    assert held.images[0, 0, 0, 1] > 0.51 and model.says(held.images).logits.argmax() == 0
    assert not free.won.any() and free.images[0, 0, 0, 1] == 0.5


def test_a_flip_is_won_only_with_every_concept_held():
    aim = Flip(ONE, torch.tensor([[0.5, 0.5]]), THRESHOLDS)
    assert aim.won(answer([0.5, 0.5], [0.0, 1.0])).all()
    assert aim.won(answer([0.549, 0.451], [0.0, 1.0])).all()
    for crossed in ([0.56, 0.5], [0.5, 0.44]):
        assert not aim.won(answer(crossed, [0.0, 1.0])).any()
    assert not aim.won(answer([0.5, 0.5], [1.0, 0.0])).any()
    free = dataclasses.replace(aim, thresholds=torch.tensor([float("nan"), 0.45]))
    assert free.won(answer([9.0, 0.5], [0.0, 1.0])).all(), "a concept without a threshold need not be held"


def test_a_flip_pays_for_concepts_by_hand():
    aim = Flip(ONE, torch.tensor([[0.5, 0.65]]), THRESHOLDS, penalty=2.0)
    # distances 0.05 and 0.2, typically 0.125; room 0.00625. Concept 0 ends 0.1 beyond: 0.10625 / 0.125 distances
    assert aim.loss(answer([0.5, 0.65], [1.0, 0.0])).item() == pytest.approx(-1.0)
    assert aim.loss(answer([0.65, 0.65], [1.0, 0.0])).item() == pytest.approx(-1 - 2 * 0.85)


def test_a_flip_goes_where_concepts_may_go():
    # both pixels could change the label, but pixel 0 has a threshold just above
    model = victim([[-3.0, -3.0], [0.0, 0.0]], bias=(3.2, 0.0))
    scores = model.says(grey()).scores.clone()
    aim = Flip(ONE, scores, torch.tensor([0.51, 0.9]))
    attacked = finish(_patient().run(model, grey(), aim, 0))
    assert attacked.won.all()
    assert attacked.images[0, 0, 0, 0] <= 0.51 and attacked.images[0, 0, 0, 1] > 0.55


def test_concepts_and_thresholds_of_another_model_are_refused():
    model, yes = victim([[1.0, 0.0], [0.0, 1.0]]), torch.tensor([True])
    good = Switch(ONE, yes, THRESHOLDS, ONE)
    bad = [
        (dataclasses.replace(good, concepts=ONE + 2), "concept 2: .* 2 concepts.*another run"),
        (dataclasses.replace(good, concepts=ONE - 1), "concept -1"),
        (dataclasses.replace(good, concepts=torch.zeros(2, dtype=torch.int64)), "one concept"),
        (dataclasses.replace(good, on=torch.tensor([1.0])), "on of type"),
        (dataclasses.replace(good, thresholds=torch.zeros(3)), "thresholds of shape.*another run"),
        (dataclasses.replace(good, thresholds=torch.tensor([float("nan"), 0.0])), "without a threshold"),
        (dataclasses.replace(good, labels=ONE + 7), "label 7: after task 1 the model has learnt 2 classes"),
        (Flip(ONE, torch.zeros(1, 3), THRESHOLDS), "clean scores of shape"),
        (Flip(ONE, torch.zeros(1, 2), torch.zeros(5)), "thresholds of shape"),
        (Flip(ONE + 2, torch.zeros(1, 2), THRESHOLDS), "label 2"),
    ]
    for aim, named in bad:
        with pytest.raises(BadInput, match=named):
            finish(FGSM().run(model, grey(), aim, 0))


def test_attacks_with_a_loss_of_their_own_leave_these_aims_alone():
    aim = Switch(ONE, ONE == 0, THRESHOLDS, ONE)
    assert aim.with_kind("margin") is aim
    flip = Flip(ONE, torch.zeros(1, 2), THRESHOLDS)
    assert flip.with_kind("dlr") is flip


def test_thresholds_may_be_doubles():
    model = victim([[0.0, 0.0], [0.0, 0.0]], bias=(5.0, 0.0))
    aim = Switch(ONE, torch.tensor([True]), THRESHOLDS.double(), ONE)
    assert finish(FGSM(eps=20.0).run(model, grey(), aim, 0)).won.all()
