"""Label-free CBM with LaBo's concepts: rows, choice of concepts, and old classes."""

import dataclasses

import torch
from torch.nn.functional import cosine_similarity

from engine.concepts.bank import ConceptBank


def test_rows_are_the_texts_and_the_head_is_sparse(tools):
    world = tools.Small()
    models = tools.run(tools.quick("label_free", strength=0.005), world)
    assert all(torch.equal(m.bottleneck, m.bank.embeddings) for m in models)
    assert 0 < models[-1].head.count_nonzero() < models[-1].head.numel() / 2
    last = tools.accuracy_matrix(models, world)[-1]
    assert last.mean() > 0.7 and last[:-1].min() > 0.4


def test_learnt_rows_do_not_move_afterwards(tools):
    first, second = tools.run(tools.quick("label_free", rows="learned", row_steps=300, row_rate=0.01), tasks=2)
    old = len(first.bank)
    assert torch.equal(second.bottleneck[:old], first.bottleneck)
    assert not torch.equal(first.bottleneck, first.bank.embeddings)
    assert cosine_similarity(second.bottleneck, second.bank.embeddings).mean() > 0.6


def test_labos_choice_takes_for_each_class_of_its_own(tools):
    model = tools.run(tools.quick("label_free", concepts_per_class=2), tasks=1)[0]
    owners = [concept.class_id for concept in model.bank.concepts]
    assert owners == [0, 0, 1, 1]
    other = tools.run(tools.quick("label_free", concepts_per_class=2, search="similarity"), tasks=1)[0]
    assert {c.text for c in other.bank.concepts} != {c.text for c in model.bank.concepts} or len(other.bank) == 4


def test_a_task_that_brings_no_new_text_refits_the_head_only(tools):
    world = tools.Small()
    method = tools.quick("label_free", search="none", rows="learned")
    before = tools.run(method, world, tasks=1)[0]
    data = world.data(1, before)
    again = dataclasses.replace(before.bank.concepts[0], class_id=data.class_ids[0])
    known = ConceptBank((again,), before.bank.embeddings[:1])
    model = tools.finish(method.learn(dataclasses.replace(data, candidates=known)))
    assert torch.equal(model.bottleneck, before.bottleneck) and model.head.shape == (4, len(before.bank))
    assert len(model.class_ids) == 4
