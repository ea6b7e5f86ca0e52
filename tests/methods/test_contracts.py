"""What every registered method must keep."""

import dataclasses

import pytest
import torch

from engine.errors import BadParameter
from engine.methods.base import FAMILIES, METHODS, PARTS, EpochProgress, Setup
from engine.model.storage import load, save
from engine.params import parameters_of
from engine.runs.catalog import method_info

NAMES = METHODS.names()


def test_the_issues_methods_are_there():
    assert set(NAMES) >= {"clg_cbm", "clg_cbm_published", "finetune", "joint", "ncm", "zero_shot"}


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_same_model_bit_for_bit(tools, name):
    again = tools.run(tools.quick(name), tasks=2)
    assert all(tools.equal(a, b) for a, b in zip(tools.whole(name)[:2], again, strict=True))


@pytest.mark.parametrize("name", ["clg_cbm", "clg_cbm_published", "finetune", "joint"])
def test_another_seed_gives_another_model(tools, name):
    method = tools.quick(name)
    one, other = (tools.run(method, tools.Small(seed=s), tasks=1)[0] for s in (1, 2))
    assert one.head.shape == other.head.shape and not torch.equal(one.head, other.head)


@pytest.mark.parametrize("name", NAMES)
def test_a_stored_model_continues_as_if_never_stopped(tools, name, tmp_path):
    whole = tools.whole(name)
    for snapshot in whole[:2]:
        save(tmp_path, snapshot)
    resumed = tools.run(tools.quick(name), tasks=3, previous=load(tmp_path, 1, memory=True), first=2)
    assert tools.equal(resumed[0], whole[2])


@pytest.mark.parametrize("name", NAMES)
def test_snapshots_have_the_shapes_they_promise(tools, name):
    world = tools.Small()
    for task, snapshot in enumerate(tools.whole(name)):
        seen = (task + 1) * world.per_task
        assert snapshot.task == task and snapshot.class_ids == tuple(range(seen))
        assert snapshot.bottleneck.shape == (len(snapshot.bank), tools.WIDTH)
        assert snapshot.classes.means.shape == snapshot.classes.texts.shape == (seen, tools.WIDTH)
        tensors = (snapshot.bottleneck, snapshot.head, snapshot.bias, snapshot.classes.means)
        assert all(t.dtype == torch.float32 and torch.isfinite(t).all() and not t.requires_grad for t in tensors)
        assert all(c.task <= task for c in snapshot.bank.concepts)


@pytest.mark.parametrize("name", NAMES)
def test_learning_leaves_the_model_before_and_the_data_alone(tools, name):
    method, world = tools.quick(name), tools.Small()
    before = tools.whole(name)[0]
    copies = [t.clone() for t in (before.bottleneck, before.head, before.classes.means)]
    data = world.data(1, before, method.sees_earlier_tasks)
    features = data.features.clone()
    tools.finish(method.learn(data))
    assert all(
        torch.equal(a, b) for a, b in zip(copies, (before.bottleneck, before.head, before.classes.means), strict=True)
    )
    assert torch.equal(features, data.features)


@pytest.mark.parametrize("name", NAMES)
def test_renaming_the_classes_renames_the_model_and_nothing_else(tools, name):
    method = tools.quick(name)
    plain = tools.whole(name)[1]
    renamed = tools.run(method, tools.Small(relabel=tuple(range(50, 150))), tasks=2)[1]
    assert renamed.class_ids == tuple(c + 50 for c in plain.class_ids)
    assert torch.equal(renamed.bottleneck, plain.bottleneck) and torch.equal(renamed.head, plain.head)


@pytest.mark.parametrize("name", ["ncm", "zero_shot"])
def test_swapping_the_classes_of_a_task_permutes_the_logits(tools, name):
    method = tools.quick(name)
    plain, swapped = (tools.run(method, tools.Small(swap=s), tasks=2)[1] for s in (False, True))
    features, _ = tools.Small().test(1)
    torch.testing.assert_close(
        plain.from_features(features).logits[:, [1, 0, 3, 2]], swapped.from_features(features).logits
    )


@pytest.mark.parametrize("name", NAMES)
def test_progress_is_in_range_and_threads_are_given_back(tools, name):
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        world, method = tools.Small(), tools.quick(name)
        seen = []
        for step in method.learn(world.data(0, None)):
            assert torch.get_num_threads() == 2
            seen.append(step)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert seen and all(isinstance(s, EpochProgress) and s.phase in ("search", "train") for s in seen)
    assert all(1 <= s.epoch <= s.epochs and 0 <= s.train_accuracy <= 1 for s in seen)
    assert all(s.val_accuracy is None or 0 <= s.val_accuracy <= 1 for s in seen)


@pytest.mark.parametrize("name", NAMES)
def test_closing_cancels(tools, name):
    before = torch.get_num_threads()
    learning = tools.quick(name).learn(tools.Small().data(0, None))
    next(learning)
    learning.close()
    assert torch.get_num_threads() == before


@pytest.mark.parametrize("name", NAMES)
def test_values_just_outside_their_limits_are_refused(name):
    cls = METHODS.get(name)
    for declared in parameters_of(cls):
        assert declared.help.endswith(".") and declared.check(declared.default, name) == declared.default
        bad = ["no such choice"] if declared.choices else []
        if declared.kind in (int, float):
            step = 1 if declared.kind is int else 1e-9 + abs(declared.high) * 1e-9
            bad = [declared.low - step, declared.high + step, float("nan"), "1", True]
        if declared.kind is bool:
            bad = [1, "yes"]
        for value in bad:
            with pytest.raises(BadParameter, match=declared.name):
                cls(**{declared.name: value})


@pytest.mark.parametrize("name", NAMES)
def test_it_says_in_words_why_it_cannot_run(name):
    method = METHODS.get(name)()
    assert method.why_not(Setup(True, 10, 2, 8)) is None
    reason = method.why_not(Setup(False, 10, 2, 8))
    assert reason is None if not method.learns_concepts else "it needs concepts" in reason


@pytest.mark.parametrize("name", NAMES)
def test_it_has_a_title_and_cites_a_source(name):
    assert 0 < len(METHODS.title(name)) < 60
    assert METHODS.get(name).__doc__.count("20") >= 1
    assert dataclasses.is_dataclass(METHODS.get(name))


@pytest.mark.parametrize("name", NAMES)
def test_it_tells_people_what_it_is(name):
    info = method_info(name)
    assert info.family in FAMILIES and info.summary.endswith(".") and len(info.summary) <= 160
    if info.family != "bound" and name != "clg_cbm":
        assert tuple(info.parts) == PARTS, f"the docstring tells {', '.join(info.parts) or 'none of its parts'}"
