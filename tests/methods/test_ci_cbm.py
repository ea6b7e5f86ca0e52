"""CI-CBM: its pseudo features, its head, its rows, and what it needs."""

import dataclasses

import pytest
import torch
from torch.nn.functional import cosine_similarity, normalize

from engine.methods.base import METHODS, Setup
from engine.methods.sparse import _pool
from engine.model.sparse_head import sparse_head


def test_it_learns_forgets_little_and_beats_what_forgets(tools):
    world = tools.Small()
    last = tools.accuracy_matrix(tools.run(tools.quick("ci_cbm"), world), world)[-1]
    naive = tools.accuracy_matrix(tools.run(tools.quick("finetune"), world), world)[-1]
    assert last.mean() > 0.7 and last[:-1].mean() > naive[:-1].mean() + 0.3


def test_stand_ins_are_images_of_the_class_with_the_nearest_mean_moved_to_the_old_one(tools):
    world = tools.Small()
    method = tools.quick("ci_cbm", rows="text")
    before = tools.run(method, world, tasks=1)[0]
    data = world.data(1, before)
    classes = tools.finish(method.learn(data)).classes
    pool = _pool(data, classes)
    old, new = classes.means[:2], classes.means[2:]
    partner = cosine_similarity(old[:, None], new[None], dim=2).argmax(1)
    made = pool.features()
    assert torch.equal(made[:60], data.features) and len(pool) == 60 + 2 * 30
    for label in (0, 1):
        theirs = data.features[data.labels == 2 + partner[label]]
        expected = normalize(theirs - new[partner[label]] + old[label], dim=1)
        torch.testing.assert_close(made[pool.labels == label], expected)


def test_the_head_is_the_sparse_head_of_these_scores(tools):
    world = tools.Small()
    method = tools.quick("ci_cbm", rows="text", strength=0.01)
    before = tools.run(method, world, tasks=1)[0]
    data = world.data(1, before)
    model = tools.finish(method.learn(data))
    pool = _pool(data, model.classes)
    start = before.head, before.bias
    weights, bias = sparse_head(pool.features() @ model.bottleneck.T, pool.labels, 4, 0.01, 0.99, start)
    assert torch.equal(model.head, weights) and torch.equal(model.bias, bias)
    assert torch.equal(model.bottleneck, model.bank.embeddings) and (model.head == 0).any()


def test_learnt_rows_turn_to_their_texts_and_distillation_holds_old_ones(tools):
    def drift(weight):
        first, second = tools.run(tools.quick("ci_cbm", distillation=weight, row_steps=300, row_rate=0.01), tasks=2)
        old = len(first.bank)
        assert cosine_similarity(first.bottleneck, first.bank.embeddings).mean() > 0.6
        return cosine_similarity(second.bottleneck[:old], first.bottleneck).mean().item()

    assert drift(50.0) > drift(0.0)


def test_rows_that_start_at_their_texts_stay_near(tools):
    model = tools.run(tools.quick("ci_cbm", row_start="text"), tasks=2)[-1]
    assert cosine_similarity(model.bottleneck, model.bank.embeddings).min() > 0.95


@pytest.mark.parametrize("wanted", [1.0, 2.0])
def test_a_class_rests_on_as_many_concepts_as_asked_for(tools, wanted):
    two, four = tools.run(tools.quick("ci_cbm", rows="text", target_nec=wanted), tasks=2)
    assert abs((four.head != 0).sum(1).float().mean().item() - wanted) <= 0.5
    assert (two.head[0] == 0).equal(two.head[1] == 0)  # of two classes one's evidence is the other's counter-evidence
    assert 0 < (two.head[0] != 0).sum() <= wanted + 1


def test_all_lines_of_progress_can_be_looked_at_and_count_up(tools):
    lines = list(tools.quick("ci_cbm", row_steps=120).learn(tools.Small().data(0, None)))
    counts = [line.epoch for line in lines]
    assert counts == sorted(counts) and {line.epochs for line in lines} == {4} and counts[-1] == 4
    assert lines[0].loss < 0 and all(line.model().bottleneck.shape[1] == tools.WIDTH for line in lines)
    assert lines[-1].train_accuracy > 0.9


def test_what_it_needs_it_says(tools):
    lonely = Setup(True, 10, 2, 8, images=10, fewest=1)
    assert "set rows to text" in METHODS.get("ci_cbm")().why_not(lonely)
    assert METHODS.get("ci_cbm")(rows="text").why_not(lonely) is None
    assert METHODS.get("label_free")().why_not(lonely) is None
    assert METHODS.get("ci_cbm")().why_not(Setup(True, 10, 1, 8)) is None


def test_it_says_what_it_will_hold(tools):
    method = METHODS.get("ci_cbm")()
    demo = Setup(True, 40, 8, 128, images=3600)
    assert 3600 * 400 * 8 * 2 < method.memory_bytes(demo) < 200 * 2**20
    assert method.memory_bytes(Setup(True, 1000, 10, 512, images=1_200_000)) > 200 * 2**30


def test_single_images_equal_embeddings_and_no_validation_are_learnt(tools):
    data = tools.Small().data(0, None)
    nothing = {"val_features": data.val_features[:0], "val_labels": data.val_labels[:0]}
    keep = torch.cat([torch.arange(30), torch.tensor([30])])
    single = dataclasses.replace(data, features=data.features[keep], labels=data.labels[keep], **nothing)
    alike = dataclasses.replace(data, features=data.features[:1].expand(60, -1).clone(), **nothing)
    for hard in (single, alike):
        for name in ("ci_cbm", "label_free"):
            method = tools.quick(name)
            model = tools.finish(method.learn(hard))
            after = tools.finish(method.learn(tools.Small().data(1, model)))
            assert all(torch.isfinite(t).all() for t in (after.head, after.bias, after.bottleneck))
