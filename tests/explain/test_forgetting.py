"""Forgetting attributed: by hand, exactly, and on banks that are no extensions."""

import dataclasses
from itertools import permutations

import numpy as np
import pytest
import torch

from engine.concepts.bank import ConceptBank
from engine.errors import NotApplicable
from engine.explain.forgetting import Attribution, attribute, shapley, together
from engine.model.side_channels.linear import LinearSide
from engine.model.snapshot import Snapshot
from tests.explain.small import images, model, random_model


def _x(*values):
    return torch.tensor([values])


def test_only_a_new_class_came_between():
    old = model([[1.0, 0.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 2.0]])
    new = model(
        [[1.0, 0.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 2.0], [3.0, 0.0]], task=1
    )  # class 2 likes concept a even more
    found = attribute(old, new, _x(0.8, 0.6), np.array([0]))
    assert found.before[0] == pytest.approx(1.6 - 1.2)
    assert found.after[0] == pytest.approx(1.6 - 2.4)
    np.testing.assert_allclose(found.values[0], [0, 0, -1.2], atol=1e-6)
    np.testing.assert_allclose(found.shares[0], [0, 0, 1], atol=1e-6)
    assert found.restored.tolist() == [[False, False, True]]


def test_only_the_head_drifted():
    old = model([[1.0, 0.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 2.0]])
    new = model([[1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 2.0]], [0.0, 0.1], task=1)
    found = attribute(old, new, _x(0.8, 0.6), np.array([0]))
    np.testing.assert_allclose(found.values[0], [0, 0.8 - 1.3 - 0.4, 0], atol=1e-6)
    assert found.restored.tolist() == [[False, True, False]]


def test_only_the_bottleneck_drifted():
    old = model([[1.0, 0.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 2.0]])
    new = model([[0.5, 0.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 2.0]], task=1)
    found = attribute(old, new, _x(0.8, 0.6), np.array([0]))
    np.testing.assert_allclose(found.values[0], [-0.8, 0, 0], atol=1e-6)
    assert found.restored.tolist() == [[True, False, False]]


def test_a_newer_concept_counts_for_the_head():
    """An old class that learnt to use a concept of the new task: that is the head's doing."""
    old = model([[1.0, 0.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 2.0]])
    new = model([[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]], [[2.0, 0.0, -1.0], [0.0, 2.0, 0.0]], task=1, births=(0, 0, 1))
    np.testing.assert_allclose(attribute(old, new, _x(0.8, 0.6), np.array([0])).values[0], [0, -1.4, 0], atol=1e-6)


def test_shapley_is_the_mean_over_all_orders():
    corners = np.random.default_rng(0).normal(size=(50, 2, 2, 2))
    expected = np.zeros((50, 3))
    for order in permutations(range(3)):
        state = [0, 0, 0]
        for part in order:
            before = corners[(slice(None), *state)]
            state[part] = 1
            expected[:, part] += (corners[(slice(None), *state)] - before) / 6
    np.testing.assert_allclose(shapley(corners), expected)


@pytest.mark.parametrize("seed", range(5))
def test_parts_add_up_and_the_ends_are_the_models_own_margins(seed):
    old = random_model(8, 4, seed=seed)
    new = random_model(12, 7, seed=seed + 100, task=1, previous=old)
    features, labels = images(40, seed=seed), np.arange(40) % 4
    found = attribute(old, new, features, labels)
    np.testing.assert_allclose(found.values.sum(1), found.after - found.before, atol=1e-10)
    for snapshot, margins in ((old, found.before), (new, found.after)):
        logits = snapshot.from_features(features).logits.double().numpy()
        np.testing.assert_allclose(margins, _margins(logits, labels), atol=1e-4)
        right = logits.argmax(1) == labels
        assert ((margins > 0) == right).all()
    lost = found.forgotten
    np.testing.assert_allclose(found.shares[lost].sum(1), 1)


def _margins(logits, labels):
    rows = np.arange(len(logits))
    rivals = logits.copy()
    rivals[rows, labels] = -np.inf
    return logits[rows, labels] - rivals.max(1)


def test_concepts_are_matched_by_what_they_are_not_by_their_place():
    old = random_model(8, 4)
    new = random_model(12, 6, seed=5, task=1, previous=old)
    mixed = _reordered(new, [11, 3, 0, 9, 1, 2, 10, 5, 4, 8, 7, 6])
    features, labels = images(20), np.arange(20) % 4
    np.testing.assert_allclose(
        attribute(old, new, features, labels).corners, attribute(old, mixed, features, labels).corners, atol=1e-6
    )


def test_a_bank_that_lost_concepts_still_adds_up():
    old, whole = random_model(8, 4), random_model(12, 6, seed=5, task=1, previous=random_model(8, 4))
    new = _reordered(whole, [0, 2, 9, 10, 11])  # six of the old eight are gone
    features, labels = images(20), np.arange(20) % 4
    found = attribute(old, new, features, labels)
    np.testing.assert_allclose(found.before, _margins(_logits(old, features), labels), atol=1e-4)
    np.testing.assert_allclose(found.after, _margins(_logits(new, features), labels), atol=1e-4)
    np.testing.assert_allclose(found.values.sum(1), found.after - found.before, atol=1e-10)


def _logits(snapshot, features):
    return snapshot.from_features(features).logits.double().numpy()


def _reordered(snapshot, order):
    bank = ConceptBank(tuple(snapshot.bank.concepts[k] for k in order), snapshot.bank.embeddings[order])
    return Snapshot(
        snapshot.task,
        snapshot.class_ids,
        bank,
        snapshot.bottleneck[order],
        snapshot.head[:, order],
        snapshot.bias,
        snapshot.classes,
    )


def test_equal_concepts_are_told_apart_by_their_number():
    old = model([[1.0, 0.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 2.0]], names=("a", "a"))
    found = attribute(old, old, _x(0.8, 0.6), np.array([0]))
    assert found.before[0] == found.after[0] == pytest.approx(0.4)
    assert not found.values.any()


def test_forgotten_images_together():
    corners = np.zeros((3, 2, 2, 2))
    corners[:, 0, 0, 0] = 1.0, 2.0, -1.0  # the third was never right
    corners[0, 1, :, :] = -1.0  # the bottleneck alone flips it
    corners[1, :, :, 1] = -1.0  # the new classes alone do
    corners[1, :, :, 0] = 2.0
    corners[0, 0, :, :] = 1.0
    found = together(Attribution(corners, shapley(corners)))
    assert (found.images, found.lost) == (2, 2)
    np.testing.assert_allclose(found.shares, [2 / 5, 0, 3 / 5])  # 2 and 3 logits were lost
    np.testing.assert_allclose(found.restored, [0.5, 0, 0.5])
    assert found.largest.tolist() == [1, 0, 1]
    assert (found.before, found.after) == (1.5, -1.0)


def test_nothing_forgotten_is_said_not_divided_by():
    found = together(attribute(random_model(8, 4), random_model(8, 4), images(20), np.arange(20) % 4))
    assert found.lost == 0 and np.isnan(found.shares).all()


def test_what_cannot_be_compared_is_refused():
    one, four = random_model(4, 1), random_model(8, 4, task=1, previous=random_model(4, 1))
    with pytest.raises(NotApplicable, match="nothing to choose from"):
        attribute(one, four, images(2), np.array([0, 0]))
    with pytest.raises(NotApplicable, match="did not know it"):
        attribute(random_model(4, 2), four, images(2), np.array([0, 3]))


def test_what_passes_by_the_concepts_counts_for_the_head():
    rows, head = [[1.0, 0.0], [0.0, 1.0]], [[2.0, 0.0], [0.0, 2.0]]
    old, new = model(rows, head), model(rows, [*head, [0.0, 0.0]], task=1)
    beside = LinearSide(torch.tensor([[0.0, 0.0], [1.0, 0.0], [0.5, 0.0]]))
    found = attribute(old, dataclasses.replace(new, side=beside), _x(0.8, 0.6), np.array([0]))
    assert found.after[0] == pytest.approx(1.6 - 1.2 - 0.8)
    np.testing.assert_allclose(found.values[0], [0, -0.8, 0], atol=1e-6)
