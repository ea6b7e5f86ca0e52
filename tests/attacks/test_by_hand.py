"""Steps, projections and losses worked out by hand on linear models."""

import math
from dataclasses import replace

import pytest
import torch

from engine.attacks.ball import Ball
from engine.attacks.base import trace
from engine.attacks.cw import CW
from engine.attacks.fgsm import FGSM
from engine.attacks.objectives import Mislabel, Target, chosen_targets, margin
from engine.attacks.pgd import PGD
from engine.attacks.victim import Victim, VictimOutput
from engine.steps import finish
from tests.attacks.small import PIXELS, SIDE, LastChannels, bent, grey, snapshot, two_classes

WEIGHT = torch.tensor([1.0, -2.0, 3.0, 0.0] * 12)
FIRST = torch.zeros(1, dtype=torch.int64)
EPS = 8 / 255


def bright():
    """A little along the weight: class 0 by 2 w.x = 2 * 0.01 * 14 * 12."""
    return (grey().flatten() + 0.01 * WEIGHT).view(1, 3, SIDE, SIDE)


@pytest.mark.parametrize("attack", [FGSM(eps=8.0), PGD(eps=8.0, steps=1, step=1.0, restarts=0)])
def test_one_step_moves_every_pixel_by_eps_against_its_weight(attack):
    looks, attacked = trace(attack.run(two_classes(WEIGHT), bright(), Mislabel(FIRST), seed=0))
    by_hand = bright().flatten() - EPS * torch.tensor([1.0, -1.0, 1.0, 0.0] * 12)
    torch.testing.assert_close(attacked.images.flatten(), by_hand)
    assert [look.step for look in looks] == [0, 1]
    # w.x was 0.01 * 168 and falls by eps * 72, so the margin 2 w.x ends at 2 * (1.68 - 8/255 * 72)
    assert margin(looks[1].answer.logits, FIRST).item() == pytest.approx(2 * (1.68 - EPS * 72), abs=1e-4)
    assert attacked.won.tolist() == [True]  # 1.68 < 2.259


@pytest.mark.parametrize("watched", [False, True])
@pytest.mark.parametrize("format", [torch.contiguous_format, torch.channels_last])
def test_gradients_of_a_channels_last_pipeline_are_ordinary_tensors(format, watched):
    victim, images, _ = bent(kind=LastChannels)
    plain = images.requires_grad_()
    (by_hand,) = torch.autograd.grad(victim.snapshot.from_images(plain, victim.backbone).logits.sum(), plain)
    assert not by_hand.is_contiguous()  # what the backbone hands back by itself
    if watched:
        victim = replace(victim, watch=torch.eye(2, 6))
    given = images.detach().to(memory_format=format).requires_grad_()
    answer = victim.answer(given)
    (slope,) = torch.autograd.grad(answer.logits.sum(), given, create_graph=True)
    assert slope.is_contiguous() and torch.equal(slope.view(len(images), -1), by_hand.flatten(1))
    shown = [answer.scores, answer.logits, *([answer.maps] if watched else [])]
    assert all(part.is_contiguous() for part in shown)
    assert torch.autograd.grad(slope.square().sum(), given)[0].is_contiguous()  # second derivatives too


def test_pixels_at_the_border_stay_in_range():
    white = torch.ones(1, 3, SIDE, SIDE)
    attacked = finish(FGSM(eps=8.0).run(two_classes(WEIGHT / 100), white, Mislabel(FIRST), seed=0))
    assert attacked.images.flatten()[:4].tolist() == pytest.approx([1 - EPS, 1.0, 1 - EPS, 1.0])


def test_one_step_of_l2_follows_the_gradient_itself():
    attack = PGD(eps=8.0, steps=1, step=0.5, norm="l2", restarts=0)
    attacked = finish(attack.run(two_classes(WEIGHT), bright(), Mislabel(FIRST), seed=0))
    torch.testing.assert_close(attacked.images, bright() - (EPS / 2 * WEIGHT / WEIGHT.norm()).view(1, 3, SIDE, SIDE))


def test_a_target_draws_the_other_way():
    dark = 1 - bright()
    attacked = finish(FGSM(eps=8.0).run(two_classes(WEIGHT), dark, Target(FIRST), seed=0))
    torch.testing.assert_close((attacked.images - dark).flatten(), EPS * WEIGHT.sign())
    assert attacked.won.all()


def test_l2_projection_by_hand():
    centre = grey()
    ball = Ball("l2", 0.1, centre)
    far = centre.clone()
    far[0, 0, 0, 0], far[0, 0, 0, 1] = 0.5 + 0.3, 0.5 + 0.4  # 0.5 away, so a fifth of it remains
    near = ball.project(far)
    assert near[0, 0, 0, :3].tolist() == pytest.approx([0.56, 0.58, 0.5])
    inside = centre + 0.001
    torch.testing.assert_close(ball.project(inside), inside)


def test_l2_projection_spends_all_it_may_where_pixels_are_cut():
    centre = torch.tensor([1.0, 0.5, 0.5]).view(1, 3, 1, 1)
    far = torch.tensor([1.3, 0.9, 0.5]).view(1, 3, 1, 1)  # cut at white the change is (0, 0.4, 0), then shortened
    assert Ball("l2", 0.1, centre).project(far).flatten().tolist() == pytest.approx([1.0, 0.6, 0.5])


def test_linf_projection_by_hand():
    ball = Ball("linf", 0.1, torch.full((1, 3, 1, 1), 0.95))
    assert ball.project(torch.tensor([0.5, 0.9, 2.0]).view(1, 3, 1, 1)).flatten().tolist() == pytest.approx(
        [0.85, 0.9, 1.0]
    )


def test_steepest_steps_have_norm_one_and_do_not_vanish():
    tiny = torch.full((1, 3, SIDE, SIDE), 1e-30)
    assert Ball("l2", 1.0, grey()).steepest(tiny).norm().item() == pytest.approx(1.0)
    assert Ball("linf", 1.0, grey()).steepest(-tiny).unique().tolist() == [-1.0]
    assert not Ball("l2", 1.0, grey()).steepest(torch.zeros_like(tiny)).any()


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_random_points_depend_on_the_image_alone(norm):
    images = torch.rand(5, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))
    points = Ball(norm, 0.1, images).random(3, "pgd", 0)
    turned = Ball(norm, 0.1, images.flip(0)[:2]).random(3, "pgd", 0)
    assert torch.equal(points.flip(0)[:2], turned)
    for other in (Ball(norm, 0.1, images).random(4, "pgd", 0), Ball(norm, 0.1, images).random(3, "pgd", 1)):
        assert not torch.equal(points, other)


def logits(*values):
    return VictimOutput(torch.zeros(1, 1), torch.tensor([values]), None)


def test_losses_by_hand():
    answer = logits(4.0, 1.0, 3.0, 0.0)
    assert Mislabel(FIRST, "margin").loss(answer).item() == pytest.approx(-1.0)
    assert Mislabel(FIRST, "dlr").loss(answer).item() == pytest.approx(-1 / 3)  # over 4 - 1
    third = FIRST + 3
    assert Target(third, "margin").loss(answer).item() == pytest.approx(-4.0)
    assert Target(third, "dlr").loss(answer).item() == pytest.approx(-4 / 3.5)  # over 4 - (1 + 0) / 2
    total = sum(math.exp(value) for value in (4.0, 1.0, 3.0, 0.0))
    assert Mislabel(FIRST).loss(answer).item() == pytest.approx(math.log(total) - 4)
    assert Target(third).loss(answer).item() == pytest.approx(-math.log(total))


def test_dlr_ignores_shift_and_scale():
    plain, moved = logits(4.0, 1.0, 3.0, 0.0), logits(45.0, 15.0, 35.0, 5.0)
    assert Mislabel(FIRST, "dlr").loss(plain).item() == pytest.approx(Mislabel(FIRST, "dlr").loss(moved).item())


def test_chosen_targets():
    answer = torch.tensor([[4.0, 1.0, 3.0, 0.0], [0.0, 1.0, 2.0, 3.0]])
    labels = torch.tensor([0, 0])
    rng = torch.Generator().manual_seed(0)
    assert chosen_targets("least_likely", answer, labels, rng).tolist() == [3, 1]  # never the label itself
    many = chosen_targets("random", answer.repeat(200, 1), labels.repeat(200), rng)
    assert set(many.tolist()) == {1, 2, 3}


def test_cw_climbs_the_margin_whatever_the_objective_says():
    victim, images, labels = bent()
    run = [trace(CW(steps=2).run(victim, images, Mislabel(labels, kind), 0)) for kind in ("ce", "margin")]
    assert torch.equal(run[0][1].images, run[1][1].images)
    last = run[0][0][0]
    torch.testing.assert_close(last.loss, -margin(last.answer.logits, labels))


def test_restarts_keep_the_best_of_all():
    victim, images, labels = bent()
    once, often = (finish(PGD(eps=1.0, steps=2, restarts=n).run(victim, images, Mislabel(labels), 0)) for n in (1, 4))
    assert (often.won | ~once.won).all()
    held = ~often.won
    assert held.any()
    assert (often.loss[held] >= once.loss[held]).all()


def test_an_image_that_is_wrong_from_the_start_is_won_unchanged():
    victim = Victim(two_classes(WEIGHT).backbone, snapshot(torch.tensor([[1.0], [-1.0]]), bias=torch.tensor([9.0, 0])))
    images = grey()
    looks, attacked = trace(PGD().run(victim, images, Mislabel(FIRST + 1), 0))
    assert len(looks) == 1 and looks[0].won.all() and torch.equal(attacked.images, images)
    assert images[0].numel() == PIXELS
