"""Replay: what is stored, how often each past task comes up, and what a budget of nothing means."""

from dataclasses import replace

import pytest
import torch

from engine.errors import NotApplicable
from engine.methods.base import Setup
from engine.methods.probe import old_classes
from engine.methods.replay import SCHEDULES, EmbeddingReplay, task_shares


def drawn(tools, **settings):
    """Labels of the old samples in the third task's first epoch, by batch."""
    method, world = tools.quick("replay", per_batch=60, **settings), tools.Small()
    before = tools.run(method, world, tasks=2)[1]
    data = world.data(2, before)
    learning = method.learn(data)
    model = next(learning).model()
    learning.close()
    batches = method.samples(data, model)(0)
    return [batch.labels[batch.labels < old_classes(data)] for batch in batches]


def test_shares_of_past_tasks_by_hand():
    assert task_shares(3, "uniform", 1.0).tolist() == pytest.approx([1 / 3] * 3)
    assert task_shares(3, "power law", 1.0).tolist() == pytest.approx([2 / 11, 3 / 11, 6 / 11])
    assert task_shares(3, "power law", 2.0)[0].item() == pytest.approx((1 / 9) / (1 / 9 + 1 / 4 + 1))
    exponential = task_shares(3, "exponential", 1.0)
    assert (exponential[1] / exponential[0]).item() == pytest.approx(2.718281828)
    assert all(task_shares(5, schedule, 0.0).tolist() == pytest.approx([0.2] * 5) for schedule in SCHEDULES)
    assert task_shares(1000, "exponential", 10.0).sum().item() == pytest.approx(1)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_schedule_has_the_same_budget_a_batch_and_its_own_shares(tools, schedule):
    batches = drawn(tools, schedule_of_tasks=schedule, decay=2.0, batch_size=2)
    assert len(batches) == 30 and {len(batch) for batch in batches} == {60}
    labels = torch.cat(batches)
    newest = (labels >= 2).float().mean().item()
    assert newest == pytest.approx(task_shares(2, schedule, 2.0)[1].item(), abs=0.04)
    within = (labels[labels < 2] == 0).float().mean().item()
    assert within == pytest.approx(0.5, abs=0.12)


def test_so_many_of_each_class_are_stored_and_they_are_its_own_images(tools):
    world = tools.Small()
    model = tools.run(tools.quick("replay", stored=7), world, tasks=2)[1]
    labels, images = model.memory["stored_labels"], model.memory["stored"]
    assert torch.bincount(labels).tolist() == [7, 7, 7, 7]
    for task in (0, 1):
        data = world.data(task, None)
        for label in (2 * task, 2 * task + 1):
            own = data.features[data.labels == label]
            match = (images[labels == label][:, None] == own[None]).all(2)
            assert match.any(1).all() and len({int(row.int().argmax()) for row in match}) == 7


@pytest.mark.parametrize("replayed", ["embeddings", "gaussian"])
def test_it_remembers_what_the_linear_probe_forgets(tools, replayed):
    world = tools.Small()
    matrix = tools.accuracy_matrix(tools.run(tools.quick("replay", replayed=replayed), world), world)
    assert matrix[3].min() > 0.85


def test_gaussian_samples_take_no_image_along(tools):
    model = tools.run(tools.quick("replay", replayed="gaussian"), tasks=1)[0]
    assert model.memory == {} and model.classes.covariances.covariances.shape == (2, tools.WIDTH, tools.WIDTH)


def test_without_a_budget_it_says_what_it_would_be():
    setup = Setup(False, 4, 2, 8)
    assert EmbeddingReplay().why_not(setup) is None
    for nothing in ({"stored": 0}, {"per_batch": 0}, {"per_batch": 0, "replayed": "gaussian"}):
        assert "the method linear; give it a budget" in EmbeddingReplay(**nothing).why_not(setup)
    assert EmbeddingReplay(stored=0, replayed="gaussian").why_not(setup) is None


def test_it_needs_a_second_task_and_for_gaussian_samples_two_images_a_class():
    assert "only one task" in EmbeddingReplay().why_not(Setup(False, 4, 1, 8))
    single = Setup(False, 4, 2, 8, fewest=1)
    assert EmbeddingReplay().why_not(single) is None
    assert "a covariance takes two" in EmbeddingReplay(replayed="gaussian").why_not(single)


def test_its_memory_is_known_before():
    setup = Setup(False, 10, 2, 128)
    assert EmbeddingReplay(stored=20).memory_bytes(setup) == 10 * 20 * (128 * 4 + 8)
    assert EmbeddingReplay(replayed="gaussian").memory_bytes(setup) == 2 * 10 * 128 * 128 * 4


def test_a_run_that_another_method_began_is_refused(tools):
    world = tools.Small()
    for other, said in (("linear", "carries no stored"), ("clg_cbm", "no linear classifier")):
        before = tools.run(tools.quick(other), world, tasks=1)[0]
        with pytest.raises(NotApplicable, match=said):
            tools.finish(tools.quick("replay").learn(world.data(1, before)))


@pytest.mark.parametrize(
    ("name", "odd", "said"),
    [
        ("stored", torch.zeros(40, 3), r"carries stored of shape \(40, 3\)"),
        ("stored_labels", torch.full((40,), 2**40), "name something that is not there"),
        ("stored_labels", torch.zeros(2, 20).long(), "carries stored labels of shape"),
    ],
)
def test_a_store_that_does_not_fit_the_model_is_refused(tools, name, odd, said):
    world = tools.Small()
    before = tools.run(tools.quick("replay"), world, tasks=1)[0]
    forged = replace(before, memory={**before.memory, name: odd})
    with pytest.raises(NotApplicable, match=said):
        tools.finish(tools.quick("replay").learn(world.data(1, forged)))
