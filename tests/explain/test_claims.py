"""Claims of the weights against uses: equal in a world where concepts mean what they say, apart where they do not."""

import numpy as np
import pytest

from engine.explain import claims, effects
from engine.explain.claims import Ledger
from engine.explain.effects import Means
from tests.explain.test_effects import edits

SIZES = np.array([3, 2])
GROUPS = np.array([0, 0, 0, 1, 1])
COLUMNS = np.arange(5)
STARTS = np.array([0, 3])
RNG = np.random.default_rng


def shown(codes):
    """Truth [N, 5] of birds with codes [N, 2]."""
    truth = np.zeros((len(codes), 5), bool)
    np.put_along_axis(truth, codes + STARTS, True, axis=1)
    return truth


def book(claimed, used, error=0.1):
    claimed, used = np.array(claimed, float), np.array(used, float)
    return Ledger(claimed, used, np.full(used.shape, error), np.full(used.shape, 8))


# -- what the weights say ----------------------------------------------------------------------------------------------


def test_group_evidence_adds_up_to_the_evidence_without_the_bias():
    scores, head = RNG(0).normal(size=(7, 5)), RNG(1).normal(size=(4, 5))
    parts = claims.group_evidence(scores, head, GROUPS, 2)
    assert parts.shape == (7, 4, 2)
    np.testing.assert_allclose(parts.sum(-1), effects.evidence(scores @ head.T), atol=1e-12)


def test_a_concept_outside_of_every_group_counts_for_none():
    parts = claims.group_evidence(np.ones((1, 2)), np.array([[2.0, 5.0], [0.0, 1.0]]), np.array([0, -1]), 1)
    assert parts[0, :, 0].tolist() == [1.0, -1.0]


def test_what_a_value_is_worth():
    evidence = np.array([[[1.0]], [[3.0]], [[7.0]]])  # three birds, one class, one attribute
    found = claims.worth(evidence, np.array([[0], [0], [2]]), np.array([3]))
    assert found[0, [0, 2], 0].tolist() == [2.0, 7.0] and np.isnan(found[0, 1, 0])


def test_spread_is_the_score_where_it_shows_less_the_score_where_not():
    scores = np.array([[1.0, 0.0], [3.0, 0.0], [0.0, 0.0]])
    truth = np.array([[True], [True], [False]])
    found = claims.spread(scores, truth, np.array([0, -1]))
    assert found[0] == 2.0 and np.isnan(found[1])
    assert np.isnan(claims.spread(scores, np.ones((3, 1), bool), np.array([0, 0]))).all()


def test_claims_of_a_value_are_weight_times_spread_over_all_concepts_that_name_it():
    head = np.array([[2.0, 1.0, 9.0], [0.0, 1.0, 0.0]])
    found = claims.claims_of_values(head, np.array([3.0, 5.0, np.nan]), np.array([1, 1, -1]), 2)
    assert found.tolist() == [[0.0, 0.0], [3.0, -3.0]]


# -- against what happens ----------------------------------------------------------------------------------------------


def test_an_honest_model_uses_exactly_what_it_claims():
    """Scores are the truth itself, so the weights tell the whole story."""
    head = RNG(3).normal(size=(4, 5))
    codes = RNG(4).integers(0, SIZES, (60, 2))
    labels = RNG(5).integers(0, 4, 60)
    scores = shown(codes).astype(float)
    worth = claims.worth(claims.group_evidence(scores, head, GROUPS, 2), codes, SIZES)
    bird, attribute, new = effects.plan(codes, SIZES, RNG(6))
    after = codes[bird].copy()
    after[np.arange(len(bird)), attribute] = new
    change = effects.evidence(shown(after) @ head.T) - effects.evidence(scores @ head.T)[bird]
    label, old = labels[bird], codes[bird, attribute]
    some = edits(
        bird=bird,
        label=label,
        attribute=attribute,
        own=change[np.arange(len(bird)), label],
        claimed=worth[attribute, new, label] - worth[attribute, old, label],
    )
    found = claims.by_attribute(some, 2, 4)
    np.testing.assert_allclose(found.used, found.claimed, atol=1e-12)
    assert claims.used_not_claimed(found) == claims.claimed_not_used(found) == []
    together = claims.correlation(
        book(RNG(0).random((5, 4)) + np.arange(5)[:, None], np.tile(np.arange(5.0), (4, 1)).T), RNG(0)
    )
    assert together is not None and together.value > 0.95 and together.low <= together.value <= together.high


def test_edits_without_a_claim_count_for_neither_side():
    some = edits(attribute=[0, 0], label=[0, 0], own=[-2.0, -8.0], claimed=[-1.0, np.nan])
    found = claims.by_attribute(some, 1, 1)
    assert (found.used[0, 0], found.claimed[0, 0], found.count[0, 0]) == (2.0, 1.0, 1)


def test_giving_and_taking_a_value_are_pooled_with_the_sign_turned():
    gained = Means(np.array([[2.0]]), np.array([[0.3]]), np.array([3]))
    lost = Means(np.array([[-4.0]]), np.array([[0.4]]), np.array([1]))
    found = claims.by_value(np.array([[1.0]]), gained, lost)
    assert found.used[0, 0] == pytest.approx((3 * 2 + 1 * 4) / 4)
    assert found.error[0, 0] == pytest.approx(np.hypot(0.9, 0.4) / 4)
    assert found.count[0, 0] == 4


def test_a_value_nobody_gained_or_lost_is_unknown_and_never_listed():
    none = Means(np.full((1, 1), np.nan), np.full((1, 1), np.nan), np.array([0]))
    found = claims.by_value(np.array([[5.0]]), none, none)
    assert np.isnan(found.used[0, 0])
    assert claims.claimed_not_used(found) == []


def test_the_widest_gaps_come_first_and_only_beyond_two_errors():
    found = book([[0.1, 1.0, 3.0]], [[2.0, 1.15, 1.0]])
    (used,) = claims.used_not_claimed(found)
    (claimed,) = claims.claimed_not_used(found)
    assert (used.what, used.position, used.used) == (0, 0, 2.0)
    assert (claimed.position, claimed.claimed) == (2, 3.0)
    assert claims.used_not_claimed(found, position=1) == []


def test_a_class_with_a_bird_or_two_is_never_listed():
    few = Ledger(np.zeros((1, 2)), np.full((1, 2), 3.0), np.full((1, 2), 0.1), np.array([[claims.FEWEST, 2]]))
    assert [entry.position for entry in claims.used_not_claimed(few)] == [0]


def test_an_effect_the_other_way_is_no_use_of_the_claim():
    found = book([[2.0]], [[-1.0]])
    (claimed,), (used,) = claims.claimed_not_used(found), claims.used_not_claimed(found)
    assert (claimed.claimed, used.used) == (2.0, -1.0)
    assert claims.claimed_not_used(book([[-1e-9]], [[5.0]])) == []


def test_two_attributes_have_no_correlation_worth_the_name():
    assert claims.correlation(book([[1.0], [2.0]], [[1.0], [2.0]]), RNG(0)) is None
    assert claims.correlation(book([[1.0]] * 3, [[1.0], [2.0], [3.0]]), RNG(0)) is None
