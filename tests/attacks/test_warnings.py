"""Signs of masked gradients fire on a model that hides them and not on one that does not."""

import numpy as np
import torch

from engine.attacks.base import trace
from engine.attacks.objectives import Mislabel
from engine.attacks.pgd import PGD
from engine.attacks.square import Square
from engine.attacks.warnings import black_box, flat, rising, signs
from engine.steps import finish
from tests.attacks.small import Quantised, bent


def evidence(kind):
    victim, images, labels = bent(kind=kind) if kind else bent()
    aim = Mislabel(labels)
    looks, white = trace(PGD(eps=20.0, restarts=0).run(victim, images, aim, 1))
    black = finish(Square(eps=20.0, steps=60).run(victim, images, aim, 1))
    return signs(looks, white.won.numpy(), black.won.numpy())


def test_all_signs_fire_on_a_model_that_rounds():
    found = evidence(Quantised)
    assert [sign.name for sign in found] == ["flat", "not_rising", "black_box_wins"]
    assert all(sign.fired for sign in found)
    assert found[0].value == 1.0 and "100%" in found[0].sentence


def test_none_fires_on_an_honest_model():
    assert not any(sign.fired for sign in evidence(None))


def test_by_hand():
    assert flat([0.0, 0.04]).fired is False and flat([0.0, 0.06, 0.0]).value == 0.06
    assert flat([]).value == 0.0
    assert rising([0.5, 1.0, 1.0, 0.9]).fired and not rising([0.5, 1.0, 0.9, 1.1]).fired
    assert not rising([0.5, 1.0]).fired and "Too few" in rising([0.5, 1.0]).sentence
    yes, no = np.array([True, True, False]), np.array([True, False, False])
    assert black_box(no, yes).fired and not black_box(yes, yes).fired
    assert abs(black_box(no, yes).value - 1 / 3) < 1e-12


def test_a_finished_attack_is_no_sign():
    victim, images, labels = bent()
    looks, attacked = trace(PGD(eps=64.0, steps=4).run(victim, images, Mislabel(labels), 1))
    assert attacked.won.all() and looks[-1].flat == 0.0
    assert not flat([look.flat for look in looks]).fired
    assert torch.isfinite(looks[-1].loss).all()
