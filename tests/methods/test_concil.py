"""CONCIL equals joint ridge whatever the tasks, also for concepts that arrive later, and unlearns exactly."""

import dataclasses

import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from engine.concepts.bank import ConceptBank
from engine.concepts.labels import class_level
from engine.errors import NotApplicable
from engine.methods.base import METHODS, Setup, Unlearnt

ALL = {"search": "none", "concept_ridge": 0.3, "class_ridge": 0.7}


def everything(world, tasks):
    """All training images, their labels, and all candidates of the classes."""
    parts = [world.data(task, None) for task in range(tasks)]
    listed = parts[0].candidates
    for part in parts[1:]:
        listed = listed.extended(part.candidates)
    return torch.cat([p.features for p in parts]), torch.cat([p.labels for p in parts]), listed


def joint_ridge(features, labels, true, ridges):
    """What scikit-learn makes of all images at once: concept scores without intercept, and class scores."""
    x = features.double().numpy()
    first = Ridge(alpha=ridges[0], solver="cholesky").fit(x, true.double().numpy())
    concepts = first.predict(x)
    classes = np.eye(int(labels.max()) + 1)[labels.numpy()]
    second = Ridge(alpha=ridges[1], solver="cholesky").fit(concepts, classes)
    return concepts - first.intercept_, second.predict(concepts)


def close(model, features, scores, logits):
    """Equal to 1e-6, where float32 ends; model arrays are float32, so the answer is compared in float64 of them."""
    own = features.double() @ model.bottleneck.double().T
    np.testing.assert_allclose(own.numpy(), scores, atol=1e-6)
    answer = own @ model.head.double().T + model.bias.double()
    np.testing.assert_allclose(answer.numpy(), logits, atol=1e-6)


def test_with_all_concepts_from_the_start_it_is_joint_ridge(tools):
    world = tools.Small()
    features, labels, listed = everything(world, 3)
    method, previous = METHODS.get("concil")(**ALL), None
    for task in range(3):
        data = world.data(task, previous)
        if task == 0:  # every text is there already, listed for whoever lists it
            first = {c.text: c for c in listed.concepts if c.class_id in data.class_ids}
            rest = [k for k, c in enumerate(listed.concepts) if c.text not in first]
            foreign = listed.select(rest)
            borrowed = tuple(dataclasses.replace(c, class_id=data.class_ids[0]) for c in foreign.concepts)
            data = dataclasses.replace(
                data, candidates=data.candidates.extended(ConceptBank(borrowed, foreign.embeddings))
            )
        previous = tools.finish(method.learn(data))
    true = class_level(previous.bank, previous.class_ids, listed)
    borrowed_texts = {c.text for c in borrowed}
    true[0] |= torch.tensor([c.text in borrowed_texts for c in previous.bank.concepts])
    close(previous, features, *joint_ridge(features, labels, true[labels], (0.3, 0.7)))


def test_with_concepts_arriving_it_is_joint_ridge_too(tools):
    world = tools.Small()
    features, labels, listed = everything(world, 3)
    model = tools.run(METHODS.get("concil")(**ALL), world, tasks=3)[-1]
    assert {c.task for c in model.bank.concepts} >= {0, 1}
    true = class_level(model.bank, model.class_ids, listed)
    assert true[:2, [k for k, c in enumerate(model.bank.concepts) if c.task > 0]].sum() == 0
    close(model, features, *joint_ridge(features, labels, true[labels], (0.3, 0.7)))


def test_a_text_that_an_old_class_listed_and_the_search_dropped_counts_for_it_when_it_arrives(tools):
    world = tools.Small()
    method = METHODS.get("concil")(search="similarity", concepts_per_class=1, concept_ridge=0.3, class_ridge=0.7)
    models = tools.run(method, world, tasks=4)
    features, labels, listed = everything(world, 4)
    true = class_level(models[-1].bank, models[-1].class_ids, listed)
    born = torch.tensor([c.task for c in models[-1].bank.concepts])
    learnt = torch.arange(8) // 2
    assert (true & (learnt[:, None] < born)).any(), "the world must have such a text"
    close(models[-1], features, *joint_ridge(features, labels, true[labels], (0.3, 0.7)))


def test_it_does_not_forget(tools):
    world = tools.Small()
    assert tools.accuracy_matrix(tools.run(tools.quick("concil"), world), world)[-1].min() > 0.75


def answers(model, features):
    return (features.double() @ model.bottleneck.double().T @ model.head.double().T + model.bias.double()).numpy()


def test_unlearning_images_equals_never_having_seen_them(tools):
    world, method = tools.Small(), METHODS.get("concil")(**ALL)
    model = tools.run(method, world, tasks=2)[-1]
    gone = torch.tensor([0, 7, 31])  # of the first task
    first = world.data(0, None)
    kept = torch.ones(60, dtype=torch.bool)
    kept[gone] = False
    without = tools.finish(
        method.learn(dataclasses.replace(first, features=first.features[kept], labels=first.labels[kept]))
    )
    without = tools.finish(method.learn(world.data(1, without)))
    after = method.unlearn(model, Unlearnt(first.features[gone], first.labels[gone]))
    assert after.bank.concepts == without.bank.concepts and after.class_ids == without.class_ids
    np.testing.assert_allclose(answers(after, first.features), answers(without, first.features), atol=1e-6)
    torch.testing.assert_close(after.classes.means, without.classes.means)
    assert abs(answers(after, first.features) - answers(model, first.features)).max() > 1e-3


@pytest.mark.parametrize("shared", [True, False])
def test_unlearning_a_class_equals_never_having_met_it(tools, shared):
    world, method = tools.Small(), METHODS.get("concil")(**ALL, share_concepts=shared)
    model = tools.run(method, world, tasks=2)[-1]
    first, second = world.data(0, None), world.data(1, None)
    mine = first.labels == 1
    after = method.unlearn(model, Unlearnt(first.features[mine], first.labels[mine], (1,)))
    own = [k for k, c in enumerate(first.candidates.concepts) if c.class_id == 0]
    alone = dataclasses.replace(
        first,
        class_ids=(0,),
        features=first.features[~mine],
        labels=first.labels[~mine],
        val_features=first.val_features[:8],
        val_labels=first.val_labels[:8],
        class_texts=first.class_texts[:1],
        candidates=first.candidates.select(own),
    )
    start = tools.finish(method.learn(alone))
    never = tools.finish(method.learn(dataclasses.replace(second, previous=start, labels=second.labels - 1)))
    assert after.class_ids == never.class_ids == (0, 2, 3)
    assert after.bank.concepts == never.bank.concepts
    torch.testing.assert_close(after.bottleneck, never.bottleneck, atol=1e-6, rtol=1e-5)
    np.testing.assert_allclose(answers(after, second.features), answers(never, second.features), atol=1e-6)
    torch.testing.assert_close(after.classes.means, never.classes.means)
    further = [tools.finish(method.learn(_third(world, m))) for m in (after, never)]
    np.testing.assert_allclose(*(answers(m, second.features) for m in further), atol=1e-6)


def test_chosen_concepts_are_not_unlearnt(tools):
    method = METHODS.get("concil")(search="similarity")
    data = tools.Small().data(0, None)
    model = tools.finish(method.learn(data))
    with pytest.raises(NotApplicable, match="search = similarity"):
        method.unlearn(model, Unlearnt(data.features[:1], data.labels[:1]))
    bare = dataclasses.replace(model, memory={})
    with pytest.raises(NotApplicable, match="older Plumage"):
        METHODS.get("concil")().unlearn(bare, Unlearnt(data.features[:1], data.labels[:1]))


def _third(world, previous):
    data = world.data(2, previous)
    return dataclasses.replace(data, labels=data.labels - 1)


def test_a_class_may_not_lose_its_last_image_and_stay(tools):
    world, method = tools.Small(), METHODS.get("concil")(**ALL)
    model = tools.run(method, world, tasks=1)[-1]
    data = world.data(0, None)
    mine = data.labels == 1
    with pytest.raises(NotApplicable, match="of 30 images of class 1 30 would go"):
        method.unlearn(model, Unlearnt(data.features[mine], data.labels[mine]))


def test_what_it_needs_and_holds(tools):
    method = METHODS.get("concil")()
    assert method.why_not(Setup(True, 10, 1, 512, images=10, fewest=1)) is None
    small, large = (method.memory_bytes(Setup(True, 100, 10, width)) for width in (128, 1024))
    assert large > small > 8 * 1000**2
    data = tools.Small().data(0, None)
    few = dataclasses.replace(data, features=data.features[[0, 30]], labels=data.labels[[0, 30]])
    model = tools.finish(method.learn(few))  # fewer images than dimensions: the ridge decides
    assert (model.from_features(few.features).logits.argmax(1) == few.labels).all()
