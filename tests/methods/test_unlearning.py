"""What has unlearnt some images is what never saw them."""

import dataclasses

import pytest
import torch

from engine.errors import NotApplicable
from engine.methods.base import METHODS, Unlearnt
from engine.methods.moments import Moments, remembered
from tests.methods.closed_forms import all_of, gone, largest, learnt, reduced

# Bottlenecks also unlearn what a class listed; CONCIL's own test has it.
EXACT = [name for name in METHODS if METHODS.get(name).can_unlearn and not METHODS.get(name).learns_concepts]
BY_IMAGE = [name for name in EXACT if name != "fecam"]


def stream(tools, tasks=3):
    world = tools.Small()
    return [world.data(task, None) for task in range(tasks)]


def test_the_closed_forms_can():
    assert set(EXACT) >= {"ncm", "gda", "slda", "ranpac", "acil", "fecam"}


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("whole", [(0,), (3,), (1, 4)])
def test_a_class_that_is_unlearnt_was_never_there(tools, name, whole):
    datas, method = stream(tools), tools.quick(name)
    left = method.unlearn(learnt(tools, method, datas), gone(datas, whole))
    assert largest(left, learnt(tools, method, reduced(datas, whole))) < 1e-6
    assert len(left.class_ids) == 6 - len(whole)


@pytest.mark.parametrize("name", BY_IMAGE)
@pytest.mark.parametrize("images", [(5,), (0, 31, 62, 90, 179)])
def test_an_image_that_is_unlearnt_was_never_there(tools, name, images):
    datas, method = stream(tools), tools.quick(name)
    model = learnt(tools, method, datas)
    left = method.unlearn(model, gone(datas, images=images))
    reference = learnt(tools, method, reduced(datas, images=images))
    assert largest(left, reference) < 1e-6 < largest(left, model)
    shown, _ = tools.Small().test(2)
    torch.testing.assert_close(
        left.from_features(shown).logits, reference.from_features(shown).logits, atol=1e-6, rtol=1e-5
    )


@pytest.mark.parametrize("name", BY_IMAGE)
def test_classes_and_images_at_once_and_then_the_next_task(tools, name):
    datas, method = stream(tools, 4), tools.quick(name)
    left = method.unlearn(learnt(tools, method, datas[:3]), gone(datas[:3], (2,), (5, 100)))
    reference = reduced(datas, (2,), (5, 100))
    onward = tools.finish(method.learn(dataclasses.replace(reference[3], previous=left)))
    assert largest(onward, learnt(tools, method, reference)) < 1e-6


@pytest.mark.parametrize("name", BY_IMAGE)
def test_all_but_one_image_of_a_class_can_go(tools, name):
    datas, method = stream(tools), tools.quick(name)
    images = tuple(range(1, 30))
    left = method.unlearn(learnt(tools, method, datas), gone(datas, images=images))
    assert largest(left, learnt(tools, method, reduced(datas, images=images))) < 1e-6


@pytest.mark.parametrize("name", BY_IMAGE)
def test_a_class_of_which_no_image_would_be_left_has_to_be_named(tools, name):
    datas, method = stream(tools), tools.quick(name)
    model = learnt(tools, method, datas)
    with pytest.raises(NotApplicable, match="of 30 images of class 0 30 would go"):
        method.unlearn(model, gone(datas, images=tuple(range(30))))
    features, labels = all_of(datas)
    some = Unlearnt(features[:3], labels[:3], (0,), datas[-1].val_features, datas[-1].val_labels)
    with pytest.raises(NotApplicable, match="of 30 images of class 0 3 would go"):
        method.unlearn(model, some)


@pytest.mark.parametrize("name", BY_IMAGE)
def test_a_model_that_remembers_nothing_says_so(tools, name):
    datas, method = stream(tools), tools.quick(name)
    bare = dataclasses.replace(learnt(tools, method, datas), memory={})
    with pytest.raises(NotApplicable, match="older Plumage"):
        method.unlearn(bare, gone(datas, (0,)))


def test_moments_image_by_image_are_those_of_all_at_once(tools):
    features, labels = all_of(stream(tools))
    whole = Moments.of(features, labels, 6)
    one_by_one = Moments.of(features[:1], labels[:1], 1)
    for image, label in zip(features[1:], labels[1:], strict=True):
        one_by_one = one_by_one.plus(Moments.of(image[None], label[None], max(len(one_by_one.counts), int(label) + 1)))
    assert torch.equal(one_by_one.counts, whole.counts)
    torch.testing.assert_close(one_by_one.scatter, whole.scatter, atol=1e-12, rtol=0)
    again = remembered(whole.named())
    assert torch.equal(again.squares, (whole.squares + whole.squares.T) / 2)
    by_hand = torch.stack([features[labels == c].double() for c in range(6)])  # [C, 30, D]
    apart = (by_hand - by_hand.mean(1, keepdim=True)).reshape(-1, features.shape[1])
    torch.testing.assert_close(whole.scatter, apart.T @ apart, atol=1e-12, rtol=0)
