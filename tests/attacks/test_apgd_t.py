"""APGD towards one class after another: which classes, in which order, and by which loss."""

import torch

from engine.attacks.apgd import APGD
from engine.attacks.apgd_t import APGDT
from engine.attacks.base import trace
from engine.attacks.objectives import Mislabel, Target, Toward
from engine.attacks.victim import VictimOutput
from engine.steps import finish
from tests.attacks.small import bent


def answered(logits):
    return VictimOutput(logits, logits, None)


def test_classes_are_tried_from_the_likeliest_on():
    logits = torch.tensor([[3.0, 1.0, 2.0, 0.0], [0.0, 1.0, 5.0, 4.0]])
    found = Mislabel(torch.tensor([0, 2])).rivals(logits, 9, "dlr")
    assert [one.way.tolist() for one in found] == [[2, 3], [1, 1], [3, 0]]
    assert [one.way.tolist() for one in Mislabel(torch.tensor([0, 2])).rivals(logits, 1, "dlr")] == [[2, 3]]
    aim = Target(torch.tensor([1, 1]))
    assert aim.rivals(logits, 9, "dlr") == [aim.with_kind("dlr")]


def test_the_loss_is_the_papers_and_any_other_class_wins():
    logits = torch.tensor([[4.0, 3.0, 1.0, 0.0, -1.0]])
    aim = Toward(torch.tensor([0]), torch.tensor([2]))
    assert torch.allclose(aim.loss(answered(logits)), torch.tensor([-(4.0 - 1.0) / (4.0 - (1.0 + 0.0) / 2)]))
    assert torch.allclose(aim.with_kind("margin").loss(answered(logits)), torch.tensor([-3.0]))
    assert not aim.won(answered(logits)) and aim.won(answered(logits.roll(1, 1)))


def test_a_class_after_another_wins_what_one_alone_does_not():
    victim, images, labels = bent(scale=2.0)
    one, all_ = (APGDT(eps=14.0, steps=8, classes=count) for count in (1, 9))
    single, every = (finish(attack.run(victim, images, Mislabel(labels), 3)) for attack in (one, all_))
    assert bool((every.won | ~single.won).all()) and int(every.won.sum()) > int(single.won.sum())
    looks, _ = trace(all_.run(victim, images, Mislabel(labels), 3, whole=True))
    assert looks[0].steps == 8 * 4 and len(looks) == 8 * 4 + 1  # five classes have four others


def test_an_aim_with_one_way_is_tried_once():
    victim, images, labels = bent()
    looks, _ = trace(APGDT(eps=8.0, steps=5).run(victim, images, Target((labels + 1) % 5), 3, whole=True))
    plain, _ = trace(APGD(eps=8.0, steps=5, loss="dlr").run(victim, images, Target((labels + 1) % 5), 3, whole=True))
    assert len(looks) == len(plain) and torch.equal(looks[0].loss, plain[0].loss)
