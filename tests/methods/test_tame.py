"""TAME: boundaries that nobody told, experts, and a selector."""

from dataclasses import replace
from itertools import pairwise

import pytest
import torch

from engine.errors import NotApplicable
from engine.methods.base import Setup
from engine.methods.tame import TAME

QUICK = {"passes": 15, "batch_size": 10, "window": 30}


@pytest.fixture(scope="module")
def models(tools):
    return tools.run(tools.quick("tame", **QUICK))


def test_every_boundary_of_new_classes_is_noticed(models):
    memory = models[3].memory
    assert memory["starts"].tolist() == [0, 90, 180, 270]  # 60 images, 10 a step, 15 times
    noticed = memory["switches"][:, 0]
    assert all(((noticed >= begin) & (noticed < begin + 5)).any() for begin in (90, 180, 270))
    owners = memory["lessons"].argmax(0)
    assert owners[0] == owners[1] and len({int(owners[2 * task]) for task in range(4)}) == 4


def test_it_learns_and_its_answer_is_the_mixture(tools, models):
    world = tools.Small()
    matrix = tools.accuracy_matrix(models, world)
    assert matrix[3].min() > 0.6 and not models[3].head.any()
    features, _ = world.test(3)
    shares = models[3].from_features(features).logits.exp().sum(1)
    torch.testing.assert_close(shares, torch.ones_like(shares))
    assert torch.equal(models[3].bottleneck, models[3].classes.means)


def test_classes_that_an_expert_never_saw_get_nothing_from_it(models):
    side, lessons = models[3].side, models[3].memory["lessons"]
    never = lessons == 0
    assert never.any() and (side.biases[never] == -30).all() and not side.weights[never].any()


def test_the_stream_goes_on_as_if_there_were_no_task(models):
    losses = [model.memory["losses"] for model in models]
    assert [len(loss) for loss in losses] == [90, 180, 270, 360]
    assert all(torch.equal(after[: len(before)], before) for before, after in pairwise(losses))


def test_a_share_of_the_images_is_stored_with_the_expert_at_work(tools, models):
    memory = models[3].memory
    assert len(memory["images"]) == len(memory["image_experts"]) == pytest.approx(0.2 * 240, abs=25)
    everything = tools.run(tools.quick("tame", **{**QUICK, "passes": 1, "stored_share": 1.0}), tasks=1)[0]
    assert len(everything.memory["images"]) == 60


def test_it_needs_a_boundary_and_knows_its_memory():
    assert "no boundary" in TAME().why_not(Setup(False, 4, 1, 8)) and TAME().why_not(Setup(False, 4, 2, 8)) is None
    assert TAME().why_not(Setup(False, 6, 3, 8, images=108)) == (
        "the stream has about 30 steps a task, and before 100 nothing is noticed; "
        "more passes, smaller batches or a smaller window would do"
    )
    assert TAME(window=20).why_not(Setup(False, 6, 3, 8, images=108)) is None
    setup = Setup(False, 4, 2, 8, images=100)
    assert TAME(most_experts=10).memory_bytes(setup) == 3 * 10 * 4 * 9 * 4 + 20 * 8 * 4


ODD = {"active": torch.tensor([9]), "weights": torch.zeros(1, 3, 24), "image_experts": -torch.ones(3)}


@pytest.mark.parametrize(("name", "odd"), ODD.items())
def test_a_stream_that_does_not_fit_the_model_is_refused(tools, name, odd):
    world, method = tools.Small(), tools.quick("tame", **QUICK)
    before = tools.run(method, world, tasks=1)[0]
    forged = replace(before, memory={**before.memory, name: odd})
    with pytest.raises(NotApplicable, match="another method made it, or it is damaged"):
        tools.finish(method.learn(world.data(1, forged)))
