"""SG-RL and SG-KD on the bottleneck: off they are CLG-CBM, on they do what they say."""

import dataclasses

import pytest
import torch

import engine.model.shards as shards
from engine.methods.base import METHODS, Setup

BARE = {"prototype_augmentation": False, "gaussian_samples": 0, "balanced_validation": False}
OFF = {"soft_targets": 0.0, "distillation": 0.0}


def test_with_both_terms_off_it_is_clg_cbm_to_the_bit(tools):
    ours, theirs = tools.run(tools.quick("sg_kd", **OFF), tasks=2), tools.run(tools.quick("clg_cbm"), tasks=2)
    assert all(tools.equal(a, b) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("change", [{"soft_targets": 0.0}, {"distillation": 0.0}, {"margin": 0.0}])
def test_each_part_can_be_switched_off_and_changes_the_model(tools, change):
    whole, part = (tools.run(tools.quick("sg_kd", **settings), tasks=2)[-1] for settings in ({}, change))
    assert not torch.equal(whole.head, part.head) and torch.isfinite(part.head).all()


def test_distillation_keeps_old_answers_where_nothing_else_does(tools):
    world = tools.Small()
    features, positions = world.test(0)

    def kept(**settings):
        first, second = tools.run(tools.quick("sg_kd", soft_targets=0.0, **BARE, **settings), world, tasks=2)
        logits = second.from_features(features).logits[:, :2]
        gap = (logits - first.from_features(features).logits).abs().mean().item()
        return gap, (second.from_features(features).logits.argmax(1) == positions).float().mean().item()

    plain, distilled = kept(distillation=0.0), kept(distillation=20.0, margin=0.0)
    assert distilled[0] < plain[0]


def test_soft_targets_make_answers_less_sure(tools):
    def sureness(weight):
        model = tools.run(tools.quick("sg_kd", soft_targets=weight, softness=2.0, epochs=40), tasks=1)[0]
        return torch.softmax(model.from_features(tools.Small().test(0)[0]).logits, 1).amax(1).mean().item()

    assert sureness(5.0) < sureness(0.0) - 0.02


def test_two_shards_compute_what_one_does(tools, monkeypatch):
    method = tools.quick("sg_kd")
    one = tools.run(method, tasks=2)[-1]
    losses = [line.loss for line in method.learn(tools.Small().data(0, None)) if line.phase == "train"]
    monkeypatch.setattr(shards, "_TWO_SHARDS", 0)
    two = tools.run(method, tasks=2)[-1]
    features, _ = tools.Small().test(1)
    expected = one.from_features(features).logits
    torch.testing.assert_close(two.from_features(features).logits, expected, atol=1e-3, rtol=1e-3)
    again = [line.loss for line in method.learn(tools.Small().data(0, None)) if line.phase == "train"]
    assert again == pytest.approx(losses, abs=1e-4)


def test_the_loss_that_is_shown_has_the_terms_in_it(tools):
    data = tools.Small().data(0, None)
    plain, guided = (
        [line.loss for line in tools.quick("sg_kd", **settings).learn(data) if line.phase == "train"]
        for settings in (OFF, {"soft_targets": 3.0})
    )
    assert guided[0] > plain[0] + 0.1


def test_it_reads_names_and_says_so(tools):
    nameless = Setup(True, 10, 2, 8, unknown_words=frozenset({"quetzal"}))
    plain = {"partner": "random", "soft_targets": 0.0}
    assert "quetzal" in METHODS.get("sg_kd")(partner="random").why_not(nameless)
    assert "quetzal" in METHODS.get("sg_kd")(**plain).why_not(nameless)
    assert METHODS.get("sg_kd")(**plain, margin=0.0).why_not(nameless) is None
    single = tools.Small(tasks=1)
    assert METHODS.get("sg_kd")().why_not(Setup(True, 10, 1, 8)) is None
    model = tools.run(tools.quick("sg_kd"), single)[-1]
    assert torch.isfinite(model.head).all()


def test_a_single_old_class_is_distilled_without_trouble(tools):
    data = tools.Small().data(0, None)
    mine = data.labels == 0
    alone = dataclasses.replace(
        data,
        class_ids=data.class_ids[:1],
        features=data.features[mine],
        labels=data.labels[mine],
        val_features=data.val_features[:8],
        val_labels=data.val_labels[:8],
        class_texts=data.class_texts[:1],
        candidates=data.candidates.select([k for k, c in enumerate(data.candidates.concepts) if c.class_id == 0]),
    )
    method = tools.quick("sg_kd")
    first = tools.finish(method.learn(alone))
    data = tools.Small().data(1, first)
    shifted = dataclasses.replace(data, labels=data.labels - 1, val_labels=data.val_labels - 1)
    second = tools.finish(method.learn(shifted))
    assert second.head.shape[0] == 3 and torch.isfinite(second.head).all()
