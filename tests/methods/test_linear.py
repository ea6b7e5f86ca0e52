"""Linear probes: task by task, and on all images."""

import torch

from engine.methods.base import Setup
from engine.runs.catalog import method_info


def test_trained_task_by_task_it_forgets_and_on_all_images_it_does_not(tools):
    world = tools.Small()
    alone, joint = (
        tools.accuracy_matrix(tools.run(tools.quick(name), world), world) for name in ("linear", "joint_linear")
    )
    assert alone[3, 3] > 0.9 and alone[3, 0] < 0.5  # the first task's classes lose to the last's
    assert joint[3].min() > 0.9


def test_with_the_new_classes_alone_in_the_softmax_old_rows_stay_as_they_are(tools):
    first, second = tools.run(tools.quick("linear", softmax="new"), tasks=2)
    assert torch.equal(second.bottleneck[:2], first.bottleneck) and torch.equal(second.bias[:2], first.bias)
    seen = tools.run(tools.quick("linear"), tasks=2)[1]
    assert not torch.equal(seen.bottleneck[:2], first.bottleneck)


def test_a_model_is_its_rows_and_a_watcher_gets_one_each_epoch(tools):
    learning = tools.quick("linear").learn(tools.Small().data(0, None))
    early = next(learning)
    model = early.model()
    assert torch.equal(model.head, torch.eye(2)) and model.side is None and model.memory == {}
    features, _ = tools.Small().test(0)
    torch.testing.assert_close(model.from_features(features).logits, features @ model.bottleneck.T + model.bias)
    last = tools.finish(learning)
    assert not torch.equal(last.bottleneck, model.bottleneck)


def test_both_run_on_everything_and_only_the_ceiling_looks_back(tools):
    poor = Setup(False, 2, 1, 4, frozenset({"x"}), images=2, fewest=1)
    for name, looks_back in (("linear", False), ("joint_linear", True)):
        assert tools.quick(name).why_not(poor) is None and tools.quick(name).memory_bytes(poor) == 0
        assert method_info(name).sees_earlier_tasks == looks_back
