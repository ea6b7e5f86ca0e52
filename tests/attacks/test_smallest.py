"""Bisection finds a strength that is known by hand."""

import math

import pytest
import torch

from engine.attacks.fgsm import FGSM
from engine.attacks.objectives import Mislabel
from engine.attacks.pgd import PGD
from engine.attacks.smallest import Smallest, smallest
from tests.attacks.small import SIDE, bent, grey, two_classes

WEIGHT = torch.tensor([1.0, -2.0, 3.0, 0.0] * 12) / 10
L1, SQUARE = 7.2, 1.68  # sums of |w| and w w


def brighter(amount):
    """Mid-grey moved along the weight: w.x = amount * SQUARE, so an l_inf change of amount * SQUARE / L1 is needed."""
    return (grey().flatten() + amount * WEIGHT).view(1, 3, SIDE, SIDE)


def run(searching):
    found = []
    while True:
        try:
            found.append(next(searching))
        except StopIteration as end:
            return found, end.value


AMOUNTS = (0.05, 0.1, 0.3, 0.9)
IMAGES = torch.cat([*(brighter(a) for a in AMOUNTS), brighter(-0.1)])
LABELS = torch.zeros(5, dtype=torch.int64)


@pytest.mark.parametrize("attack", [FGSM(eps=32.0), PGD(eps=32.0, steps=10)])
def test_finds_the_threshold_of_a_linear_model(attack):
    searched, found = run(smallest(attack, two_classes(WEIGHT), IMAGES, Mislabel(LABELS), seed=3))
    needed = [255 * a * SQUARE / L1 for a in AMOUNTS]  # 2.98, 5.95, 17.9 and 53.6 255ths
    for eps, by_hand in zip(found.eps.tolist()[:3], needed, strict=False):
        assert by_hand <= eps <= by_hand + 32 / 64 + 1e-3
    assert found.eps[3].item() == math.inf and found.eps[4].item() == 0.0
    said = two_classes(WEIGHT).says(found.images).logits.argmax(1)
    assert said.tolist() == [1, 1, 1, 0, 1]
    change = 255 * (found.images - IMAGES).flatten(1).abs().amax(1)
    assert (change[:3] <= found.eps[:3] + 1e-3).all() and change[4] == 0
    rounds = [search.round for search in searched]
    assert rounds == sorted(rounds) and rounds[0] == 0 and rounds[-1] == searched[0].rounds == 6
    assert searched[0].eps == 32.0 and {search.eps for search in searched if search.round == 1} == {16.0}


def test_an_image_alone_gets_the_same_strength():
    victim, images, labels = bent()
    attack = PGD(eps=16.0, steps=3)
    together: Smallest = run(smallest(attack, victim, images, Mislabel(labels), 1))[1]
    alone = [run(smallest(attack, victim, images[[i]], Mislabel(labels[[i]]), 1))[1].eps.item() for i in range(3)]
    assert together.eps[:3].tolist() == alone


def test_can_be_closed_at_any_time():
    victim, images, labels = bent()
    searching = smallest(PGD(eps=16.0, steps=3), victim, images, Mislabel(labels), 1)
    for _ in range(6):
        next(searching)
    seen = victim.backbone.seen
    searching.close()
    assert next(searching, None) is None and victim.backbone.seen == seen


def test_strengths_below_the_least_allowed_are_not_tried():
    near = brighter(1e-4)  # needs 0.006 255ths, the attack's least is 0.01
    searched, found = run(smallest(FGSM(eps=0.5), two_classes(WEIGHT), near, Mislabel(LABELS[:1]), seed=3))
    assert 0.01 <= min(search.eps for search in searched) < 0.02 and 0.01 <= found.eps.item() < 0.02


def test_callers_may_leave_inference_mode_on_the_way():
    victim, images, labels = bent()
    attack = PGD(eps=16.0, steps=3)
    with torch.inference_mode():
        searching = smallest(attack, victim, images, Mislabel(labels), 1)
        next(searching)
    plain = run(smallest(attack, victim, images, Mislabel(labels), 1))[1]
    assert run(searching)[1].eps.tolist() == plain.eps.tolist()
