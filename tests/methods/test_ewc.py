"""EWC: the Fisher information in closed form, and springs that add up."""

import pytest
import torch

from engine.methods.base import Setup
from engine.methods.ewc import EWC, diagonal_fisher


def test_the_fisher_information_is_the_expected_squared_gradient():
    """Against its definition: labels drawn from the model, each weighed by its probability."""
    draw = torch.Generator().manual_seed(2)
    weights, bias, features = (torch.randn(*shape, generator=draw) for shape in ((3, 2), (3,), (5, 2)))
    expected = torch.zeros(3, 3, dtype=torch.float64)
    for x in features:
        for label in range(3):
            own = torch.cat([weights, bias[:, None]], 1).double().requires_grad_()
            chances = torch.log_softmax(own @ torch.cat([x, torch.ones(1)]).double(), 0)
            (gradient,) = torch.autograd.grad(chances[label], own)
            expected += chances[label].exp().detach() * gradient.square()
    torch.testing.assert_close(diagonal_fisher(weights, bias, features), expected, rtol=1e-5, atol=1e-7)


def test_two_springs_are_one_at_their_weighted_mean(tools):
    world, method = tools.Small(), tools.quick("ewc", strength=1.0)
    first, second = tools.run(method, world, tasks=2)
    data = world.data(1, first)
    new = diagonal_fisher(second.bottleneck, second.bias, data.features)
    old, total = first.memory["fisher"], second.memory["fisher"]
    torch.testing.assert_close(total[:2], old + new[:2])
    torch.testing.assert_close(total[2:], new[2:])
    now = torch.cat([second.bottleneck, second.bias[:, None]], 1).double()
    differences = []
    for where in (now, torch.zeros_like(now)):
        apart = (old * (where[:2] - first.memory["anchor"]).square()).sum() + (new * (where - now).square()).sum()
        together = (total * (where - second.memory["anchor"]).square()).sum()
        differences.append(apart - together)
    torch.testing.assert_close(*differences)  # a constant: what does not depend on the weights


def test_the_stiffer_the_less_old_rows_move(tools):
    moved = []
    for strength in (0.0, 1.0, 1e4):
        first, second = tools.run(tools.quick("ewc", strength=strength), tasks=2)
        moved.append((second.bottleneck[:2] - first.bottleneck).norm().item())
    assert moved[0] > moved[1] > moved[2]
    free = tools.run(tools.quick("linear"), tasks=2)[1]
    slack = tools.run(tools.quick("ewc", strength=0.0), tasks=2)[1]
    torch.testing.assert_close(slack.bottleneck, free.bottleneck)


def test_it_needs_a_second_task_and_knows_its_memory():
    assert "only one task" in EWC().why_not(Setup(False, 4, 1, 8))
    assert EWC().why_not(Setup(False, 4, 2, 8)) is None
    assert EWC().memory_bytes(Setup(False, 10, 2, 127)) == 4 * 10 * 128 * 8


@pytest.mark.parametrize("name", ["ewc", "tame", "ibcl", "replay", "rapf"])
def test_what_is_carried_on_is_of_a_kind_that_is_kept(tools, name):
    memory = tools.run(tools.quick(name), tasks=1)[0].memory
    kinds = {torch.float32, torch.float64, torch.int64, torch.bool}
    assert memory and all(tensor.dtype in kinds and not tensor.requires_grad for tensor in memory.values())
    assert all(tensor.isfinite().all() for tensor in memory.values())  # else no archive takes it
