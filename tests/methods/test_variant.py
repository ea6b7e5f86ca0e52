"""What the bottleneck variants share: concepts, samples of old classes, and clear refusals."""

import dataclasses

import pytest
import torch

from engine.errors import NotApplicable
from engine.methods.base import METHODS, Setup

VARIANTS = [name for name in METHODS.names() if METHODS.get(name).family == "variant"]


def test_the_issues_variants_are_there():
    assert set(VARIANTS) >= {"ecbm", "pcbm", "pcbm_h", "sparse_cbm", "sscbm"}


@pytest.mark.parametrize("name", VARIANTS)
def test_names_and_many_images_are_not_needed(name):
    bare = Setup(True, 4, 2, 512, frozenset({"unheard"}), images=4, fewest=1)
    assert METHODS.get(name)().why_not(bare) is None
    assert METHODS.get(name)().memory_bytes(bare) > 0


@pytest.mark.parametrize("name", VARIANTS)
def test_one_image_a_class_is_learnt(tools, name):
    world, previous = tools.Small(), None
    for task in range(2):
        data = world.data(task, previous)
        rows = torch.tensor([0, 30])  # the first image of each class
        one = {"features": data.features[rows], "labels": data.labels[rows]}
        previous = tools.finish(tools.quick(name).learn(dataclasses.replace(data, **one)))
    assert all(torch.isfinite(t).all() for t in (previous.bottleneck, previous.head, previous.bias))
    assert torch.isfinite(previous.from_features(world.test(1)[0]).logits).all()


@pytest.mark.parametrize("name", VARIANTS)
def test_images_that_are_all_alike_are_learnt(tools, name):
    world = tools.Small()
    data = world.data(0, None)
    alike = dataclasses.replace(data, features=data.features[:1].expand_as(data.features).clone())
    model = tools.finish(tools.quick(name, search="none").learn(alike))
    assert torch.isfinite(model.from_features(world.test(0)[0]).logits).all()


def test_both_kinds_of_stand_ins_keep_old_classes(tools):
    world = tools.Small()
    for kind in ("gaussian", "pseudo"):
        method = tools.quick("sscbm", old_classes=kind, epochs=40, batch_size=32)
        matrix = tools.accuracy_matrix(tools.run(method, world), world)
        assert matrix[-1].mean() > 0.8, kind


def test_gaussian_stand_ins_need_covariances_from_the_first_task_on(tools):
    world = tools.Small()
    before = tools.run(tools.quick("sscbm", old_classes="pseudo", epochs=1), world, tasks=1)[0]
    with pytest.raises(NotApplicable, match="kept no covariances"):
        tools.finish(tools.quick("sscbm", epochs=1).learn(world.data(1, before)))


def test_the_watcher_gets_a_model_each_epoch(tools):
    world = tools.Small()
    seen = [step.model() for step in tools.quick("sscbm", epochs=3).learn(world.data(0, None)) if step.model]
    assert len(seen) == 3 and not torch.equal(seen[0].head, seen[2].head)
