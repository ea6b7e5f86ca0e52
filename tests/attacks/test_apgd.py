"""APGD's own rules: when the step is questioned, when it is halved, and that the search goes back to its best point."""

from itertools import islice

import torch

from engine.attacks.apgd import APGD
from engine.attacks.base import trace
from engine.attacks.climbing import checkpoints, stuck
from engine.attacks.objectives import Mislabel
from engine.attacks.victim import Victim
from tests.attacks.small import Linear, bent, snapshot


def test_checkpoints_of_a_hundred_steps_are_those_of_the_paper():
    # p_0 = 0, p_1 = 0.22, p_{j+1} = p_j + max(p_j - p_{j-1} - 0.03, 0.06), times 100 steps
    assert list(islice(checkpoints(100), 8)) == [22, 41, 57, 70, 80, 87, 93, 99]


def test_ten_steps_are_questioned_after_every_step_but_the_first():
    assert list(islice(checkpoints(10), 4)) == [2, 3, 4, 5]


def test_the_step_is_halved_where_the_loss_rises_too_seldom():
    losses = torch.tensor([[0.0, 0.0, 0.0], [1.0, 1.0, 1.0], [2.0, 0.5, 0.5], [3.0, 1.5, 0.2], [4.0, 2.0, 0.1]])
    # rises: 4, 3 and 1 of 4; three in four is enough
    no = torch.zeros(3, dtype=torch.bool)
    assert stuck(losses, torch.zeros(3), losses.amax(0), no).tolist() == [False, False, True]


def test_or_where_the_best_loss_stands_still_though_the_step_was_not_halved():
    losses = torch.tensor([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0]])
    best = torch.tensor([5.0, 5.0])
    assert stuck(losses, best, best, torch.tensor([False, True])).tolist() == [True, False]


class Folded(Linear):
    """One feature of |x - 0.5|: where the sum passes a peak, a long step jumps over it."""

    def bend(self, features):
        return -(features - 0.3).abs()


def test_steps_shrink_on_a_constructed_peak():
    # One pixel counts: logit difference 1 - |x - 0.3| against 0 is lowest far from 0.3, highest loss at x = 0.3 if the
    # label is the other class. Attacking label 1 therefore climbs to the peak x = 0.3 and must halve to stay there.
    weight = torch.zeros(1, 48)
    weight[0, 0] = 1.0
    victim = Victim(Folded(weight), snapshot(torch.tensor([[1.0], [0.0]]), bias=torch.tensor([-0.5, 0.0])))
    images = torch.full((1, 3, 4, 4), 0.25)
    label = torch.tensor([1])
    looks, attacked = trace(APGD(eps=40.0, steps=40).run(victim, images, Mislabel(label), 0, whole=True))
    far = [abs(look.images[0, 0, 0, 0].item() - 0.3) for look in looks]
    assert max(far[1:6]) > 0.05, "steps of two radii jump over the peak at first"
    assert max(far[-5:]) < 0.01, "and settle on it"
    assert abs(attacked.images[0, 0, 0, 0].item() - 0.3) < 0.005 and not attacked.won.any()


def test_the_loss_decides_the_way_and_not_only_the_number():
    victim, images, labels = bent()
    looks = {
        loss: trace(APGD(eps=2.0, steps=3, loss=loss).run(victim, images, Mislabel(labels), 0))[0]
        for loss in ("ce", "dlr")
    }
    assert (looks["dlr"][0].loss <= 0).all() and (looks["ce"][0].loss >= 0).all()
    assert not torch.equal(looks["ce"][-1].images, looks["dlr"][-1].images)
