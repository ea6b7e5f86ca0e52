"""The fast adaptive boundary attack: projections onto a plane within the range of pixels, and where they lead."""

import pytest
import torch

from engine.attacks.apgd_t import APGDT
from engine.attacks.fab import FAB, to_plane
from engine.attacks.objectives import Mislabel
from engine.steps import finish
from tests.attacks.small import PIXELS, bent, grey, two_classes


def test_the_plane_is_met_with_the_smallest_largest_change():
    rng = torch.Generator().manual_seed(3)
    points, normal = torch.rand(40, 9, generator=rng), torch.randn(40, 9, generator=rng)
    gap = 3 * torch.randn(40, generator=rng)
    change = to_plane(points, normal, gap)
    assert (points + change).min() >= -1e-6 and (points + change).max() <= 1 + 1e-6
    room = torch.where(normal * gap[:, None] > 0, 1 - points, points)
    reach = (normal.abs() * room).sum(1)
    moved = (normal * change).sum(1)
    can = reach >= gap.abs()
    assert can.any() and not can.all()
    torch.testing.assert_close(moved[can], gap[can], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(moved[~can].abs(), reach[~can], atol=1e-5, rtol=1e-4)
    # a smaller largest change falls short of the plane, whatever is done with it
    size = change.abs().amax(1)
    short = (normal.abs() * torch.minimum(room, 0.99 * size[:, None])).sum(1)
    assert (short[can] < gap[can].abs()).all()


def test_no_normal_moves_nothing():
    assert torch.equal(to_plane(torch.rand(2, 4), torch.zeros(2, 4), torch.ones(2)), torch.zeros(2, 4))


@pytest.mark.parametrize("steps", [1, 3])
def test_on_a_linear_model_the_distance_is_that_of_the_plane(steps):
    """The plane of equal logits is |margin| / |w|_1 away in l_inf; a step goes 5 % beyond it."""
    weight = torch.linspace(-1, 1, PIXELS)
    victim = two_classes(weight)
    images = grey() + 0.02 * weight.sign().view(1, 3, 4, 4)
    label = victim.says(images).logits.argmax(1)
    needed = 255 * 0.02  # every entry back to grey
    inside, outside = (FAB(eps=needed * share, steps=steps) for share in (1.06, 0.99))
    assert bool(finish(inside.run(victim, images, Mislabel(label), 0)).won.all())
    assert not bool(finish(outside.run(victim, images, Mislabel(label), 0)).won.any())


def test_it_finds_what_another_strong_attack_finds():
    victim, images, labels = bent(scale=2.0)
    won = {
        attack.name: finish(attack.run(victim, images, Mislabel(labels), 1)).won
        for attack in (FAB(eps=14.0, steps=20), APGDT(eps=14.0, steps=20))
    }
    assert won["apgd_t"].any() and not won["apgd_t"].all()
    assert int((won["fab"] != won["apgd_t"]).sum()) <= 1
