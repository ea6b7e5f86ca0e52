"""Effects of real interventions: planned fairly, averaged as by hand."""

from dataclasses import fields

import numpy as np
import pytest

from engine.explain import effects
from engine.explain.effects import Edits

SIZES = np.array([3, 2, 4])


def edits(**columns: list[float]) -> Edits:
    """Edits of which only some columns matter; the others are zeros."""
    length = len(next(iter(columns.values())))
    kinds = {"bird", "label", "attribute", "old", "new", "before", "after"}
    given = {f.name: np.array(columns.get(f.name, [0] * length)) for f in fields(Edits)}
    return Edits(**{k: v.astype(np.int64 if k in kinds else np.float64) for k, v in given.items()})


# -- what is planned ---------------------------------------------------------------------------------------------------


def test_every_attribute_of_every_bird_is_changed_once_and_never_to_what_it_was():
    codes = np.random.default_rng(0).integers(0, SIZES, (50, 3))
    bird, attribute, new = effects.plan(codes, SIZES, np.random.default_rng(1))
    assert sorted(zip(bird.tolist(), attribute.tolist(), strict=True)) == [(b, a) for b in range(50) for a in range(3)]
    assert (new != codes[bird, attribute]).all()
    assert ((new >= 0) & (new < SIZES[attribute])).all()


def test_other_values_are_dealt_evenly_among_birds_that_share_one():
    codes = np.zeros((9, 1), np.int64)
    _, _, new = effects.plan(codes, np.array([4]), np.random.default_rng(5))
    assert np.bincount(new).tolist() == [0, 3, 3, 3]


def test_two_edits_of_one_attribute_go_to_two_values_and_stop_where_there_are_no_more():
    codes = np.array([[0, 1, 3], [2, 0, 3]])
    bird, attribute, new = effects.plan(codes, SIZES, np.random.default_rng(0), each=2)
    assert len(bird) == 2 * (2 + 1 + 2)
    assert len({*zip(bird.tolist(), attribute.tolist(), new.tolist(), strict=True)}) == len(bird)


def test_the_same_seed_plans_the_same():
    codes = np.random.default_rng(0).integers(0, SIZES, (20, 3))
    one, other = (effects.plan(codes, SIZES, np.random.default_rng(7)) for _ in range(2))
    assert all((a == b).all() for a, b in zip(one, other, strict=True))


# -- what is averaged --------------------------------------------------------------------------------------------------


def test_evidence_is_what_no_common_shift_can_change():
    logits = np.array([[1.0, 2.0, 6.0]])
    assert effects.evidence(logits).tolist() == [[-2.0, -1.0, 3.0]]
    assert effects.evidence(logits + 100).tolist() == [[-2.0, -1.0, 3.0]]


def test_means_and_errors_as_by_hand():
    found = effects.grouped(np.array([1.0, 3.0, 10.0]), np.array([0, 0, 2]), 3)
    assert found.count.tolist() == [2, 0, 1]
    assert found.mean[[0, 2]].tolist() == [2.0, 10.0] and np.isnan(found.mean[1])
    assert found.error[0] == 1.0  # standard deviation sqrt(2) over sqrt(2)
    assert np.isnan(found.error[1:]).all()
    assert found.total.tolist() == [4.0, 0.0, 10.0]


def test_means_of_rows_keep_their_columns():
    found = effects.grouped(np.array([[1.0, 10.0], [3.0, 30.0]]), np.array([1, 1]), 2)
    assert found.mean[1].tolist() == [2.0, 20.0] and np.isnan(found.mean[0]).all()


def test_effects_per_attribute_and_class():
    some = edits(
        attribute=[0, 0, 1, 1], label=[0, 1, 1, 1], own=[-1, -3, -2, -4], before=[0, 1, 1, 1], after=[0, 0, 1, 0]
    )
    assert effects.per_attribute(some.flipped, some, 2).mean.tolist() == [0.5, 0.5]
    own = effects.per_class(some.own, some, 2, 2)
    assert own.mean[0].tolist() == [-1, -3] and own.mean[1, 1] == -3 and np.isnan(own.mean[1, 0])
    assert own.count.tolist() == [[1, 1], [0, 2]]


def test_edits_survive_storage_and_can_be_picked():
    some = edits(bird=[3, 1, 2], own=[0.5, -1.5, 2.5])
    back = Edits.from_arrays({**some.to_arrays(), "something else": np.zeros(9)})
    assert back.own.tolist() == some.own.tolist()
    assert back.where(np.array([2, 0])).bird.tolist() == [2, 3]
    assert len(back.where(back.own > 0)) == 2


def test_a_picture_that_did_not_change_did_not_change_visibly():
    picture = np.full((4, 4, 3), 100, np.uint8)
    other = picture.copy()
    other[0, 0] = [100, 100, 130]
    other[1, 1] = [101, 99, 100]
    assert effects.visible_change(picture, picture) == 0.0
    assert effects.visible_change(picture, other) == pytest.approx(1 / 16)
