"""What sets the methods apart: who forgets, and what each part of CLG-CBM does."""

import numpy as np
import pytest
import torch

import engine.model.shards as shards
from engine.concepts.bank import ConceptBank
from engine.errors import NotApplicable


def last(tools, method):
    world = tools.Small()
    return tools.accuracy_matrix(tools.run(method, world), world)[-1]


def test_finetune_forgets_and_clg_cbm_does_not(tools):
    forgetting = last(tools, tools.quick("finetune"))
    assert forgetting[-1] > 0.9 and forgetting[:-1].max() < 0.4
    for name in ("clg_cbm", "clg_cbm_published", "joint", "ncm"):
        assert last(tools, tools.quick(name)).min() > 0.75, name
    assert np.mean(last(tools, tools.quick("joint"))) - np.mean(last(tools, tools.quick("clg_cbm"))) < 0.04


def test_without_pseudo_features_and_gaussians_it_forgets_like_finetune(tools):
    bare = tools.quick("clg_cbm", prototype_augmentation=False, gaussian_samples=0, balanced_validation=False)
    assert last(tools, bare)[:-1].max() < 0.4


def test_gaussian_samples_alone_keep_something(tools):
    without = {"prototype_augmentation": False, "balanced_validation": False, "gaussian_classes": 6}
    bare, gaussian = (last(tools, tools.quick("clg_cbm", gaussian_samples=n, **without)) for n in (0, 8))
    assert gaussian[:-1].mean() > bare[:-1].mean() + 0.2


def test_ncm_is_the_closed_form(tools):
    world = tools.Small()
    model = tools.run(tools.quick("ncm"), world)[-1]
    features, positions = world.test(world.tasks - 1)
    means = torch.cat([world.data(t, None).features.view(world.per_task, 30, -1).mean(1) for t in range(world.tasks)])
    cosine = torch.nn.functional.cosine_similarity(features[:, None], means[None], dim=2)
    torch.testing.assert_close(model.from_features(features).logits, cosine)
    assert len(positions) == len(features)


def test_zero_shot_is_the_cosine_with_the_names(tools):
    world = tools.Small()
    model = tools.run(tools.quick("zero_shot"), world, tasks=1)[0]
    data = world.data(0, None)
    torch.testing.assert_close(model.from_features(data.features).logits, data.features @ data.class_texts.T)


@pytest.mark.parametrize(
    "change",
    [
        {"search": "similarity"},
        {"search": "none"},
        {"mahalanobis": False},
        {"alignment": 0.0},
        {"sparsity": 0.0},
        {"prototype_augmentation": False},
        {"gaussian_samples": 0},
        {"centred": True},
        {"row_start": "text"},
        {"head_start": "random"},
        {"select_best": False},
        {"balanced_validation": False},
        {"share_concepts": False},
        {"unit_targets": False},
        {"freeze_statistics": True},
        {"earliest_best": True},
        {"partner": "random"},
        {"gaussian_classes": 0},
        {"gaussian_restart": False},
    ],
    ids=lambda change: "-".join(map(str, *change.items())),
)
def test_every_part_can_be_switched_and_changes_the_model(tools, change):
    default = tools.quick("clg_cbm", gaussian_samples=1, search="learned", share_concepts=True, select_best=True)
    settings = {**default.to_mapping(), **change}
    plain, switched = (tools.run(type(default).from_mapping(s), tasks=3)[-1] for s in (default.to_mapping(), settings))
    assert torch.isfinite(switched.head).all()
    exempt = {
        "mahalanobis",
        "balanced_validation",
        "select_best",
        "earliest_best",
        "gaussian_restart",
    }  # may leave a small model as it is, and say so
    if not exempt & set(change):
        assert plain.head.shape != switched.head.shape or not torch.equal(plain.head, switched.head)


def test_alignment_keeps_rows_near_their_texts(tools):
    def agreement(weight):
        model = tools.run(tools.quick("clg_cbm", alignment=weight, search="none"), tasks=2)[-1]
        return torch.nn.functional.cosine_similarity(model.bottleneck, model.bank.embeddings).mean().item()

    assert agreement(5.0) > agreement(0.0) + 0.2


def test_the_elastic_net_shrinks_the_head(tools):
    heads = [tools.run(tools.quick("clg_cbm", sparsity=s), tasks=1)[-1].head.abs().sum().item() for s in (0.0, 0.3)]
    assert heads[1] < heads[0] / 2


def test_shared_concepts_appear_once(tools):
    texts = [c.text for c in tools.run(tools.quick("clg_cbm", share_concepts=True))[-1].bank.concepts]
    assert len(set(texts)) == len(texts)
    repeated = [c.text for c in tools.run(tools.quick("clg_cbm", share_concepts=False))[-1].bank.concepts]
    assert len(set(repeated)) < len(repeated)


def test_two_shards_compute_what_one_does(tools, monkeypatch):
    method = tools.quick("clg_cbm")
    one = tools.run(method, tasks=2)[-1]
    monkeypatch.setattr(shards, "_TWO_SHARDS", 0)
    two, again = (tools.run(method, tasks=2)[-1] for _ in range(2))
    assert tools.equal(two, again)
    features, _ = tools.Small().test(1)
    torch.testing.assert_close(
        two.from_features(features).logits, one.from_features(features).logits, atol=1e-3, rtol=1e-3
    )


@pytest.mark.parametrize("broken", [0, 1])
def test_a_failing_shard_ends_the_training_instead_of_hanging(tools, monkeypatch, broken):
    monkeypatch.setattr(shards, "_TWO_SHARDS", 0)
    made = []
    step = shards._Shard._step

    def fail(self, *arguments):
        if self not in made:
            made.append(self)
        if self is getattr(self, "_victim", None) or self._texts.data_ptr() == victims[broken]:
            raise MemoryError("no more")
        step(self, *arguments)

    victims = {}
    prepare = shards._Shard.prepare

    def remember(self, *arguments):
        victims[len(victims)] = self._texts.data_ptr()
        prepare(self, *arguments)

    monkeypatch.setattr(shards._Shard, "prepare", remember)
    monkeypatch.setattr(shards._Shard, "_step", fail)
    with pytest.raises((MemoryError, RuntimeError)):
        tools.run(tools.quick("clg_cbm"), tasks=1)


def test_a_run_without_covariances_cannot_turn_to_gaussians(tools):
    before = tools.run(tools.quick("clg_cbm", gaussian_samples=0), tasks=1)[0]
    data = tools.Small().data(1, before)
    with pytest.raises(NotApplicable, match="covariances"):
        tools.finish(tools.quick("clg_cbm", gaussian_samples=1).learn(data))
    assert not tools.finish(tools.quick("finetune").learn(data)).classes.covariances.kept


def test_a_task_without_candidates_says_so(tools):
    import dataclasses

    data = dataclasses.replace(tools.Small().data(0, None), candidates=ConceptBank.empty(tools.WIDTH))
    with pytest.raises(NotApplicable, match="candidates"):
        tools.finish(tools.quick("clg_cbm").learn(data))


def test_a_class_with_one_image_can_be_learnt(tools):
    import dataclasses

    data = tools.Small().data(0, None)
    keep = torch.cat([torch.arange(30), torch.tensor([30])])
    lone = dataclasses.replace(
        data,
        features=data.features[keep],
        labels=data.labels[keep],
        val_features=data.val_features[:0],
        val_labels=data.val_labels[:0],
    )
    method = tools.quick("clg_cbm")
    model = tools.finish(method.learn(lone))
    after = tools.finish(method.learn(tools.Small().data(1, model)))
    assert torch.isfinite(after.head).all() and torch.isfinite(model.classes.covariances.covariances).all()
