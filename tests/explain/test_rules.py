"""Rules about answers, on pictures few enough to be worked out by hand."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from engine.explain.rules import (
    LITERALS,
    SILENT,
    Binarised,
    ConceptRule,
    Literal,
    Logic,
    answered,
    default_rules,
    logic,
    thresholds,
    told,
)

EVERY = np.array(list(itertools.product([False, True], repeat=4)) * 5)
"""Every picture of four concepts, five times."""


def taught(answers: np.ndarray) -> Binarised:
    return Binarised(EVERY, answers.astype(np.int64))


def test_a_threshold_parts_two_groups_whatever_their_sizes():
    few = np.r_[np.linspace(0.0, 0.1, 18), 1.0, 1.1]
    half = np.r_[np.linspace(-3.0, -2.9, 10), np.linspace(4.0, 4.1, 10)]
    found = thresholds(np.stack([few, half], axis=1))
    assert found == pytest.approx([0.55, 0.55])  # half way between 0.1 and 1.0, and between -2.9 and 4.0
    assert thresholds(np.array([[2.0]])) == [2.0]


def test_a_rule_speaks_where_its_condition_holds_and_no_exception_does():
    rule = ConceptRule(1, (Literal(0), Literal(1, True)), ((Literal(2), Literal(3)),))
    a, b, c, d = EVERY.T
    assert (rule.speaks(EVERY) == (a & ~b & ~(c & d))).all()
    seen = taught(np.where(a, 1, 0))
    speaks, agrees = told([rule], seen)
    assert speaks.tolist() == [15] and agrees.tolist() == [15]  # 3 of 16 pictures, five times
    assert told([rule], taught(np.where(c, 1, 0)))[1].tolist() == [5]  # of these c alone is 1 in 3


def test_what_a_model_answers_by_a_rule_is_found_again():
    a, b, c, _ = EVERY.T
    seen = taught(np.where(a & ~b, 0, np.where(b & c, 1, 2)))
    rules = default_rules(seen, seen, 3)
    for position in (0, 1):
        mine = [rule for rule in rules if rule.position == position]
        speaks = np.any([rule.speaks(EVERY) for rule in mine], axis=0)
        assert (speaks == (seen.answers == position)).all()
        assert not any(literal.concept == 3 for rule in mine for literal in rule.literals)  # the fourth decides nothing
    assert all(1 <= len(rule.literals) <= LITERALS for rule in rules)


def test_an_exception_is_learnt_where_a_condition_cannot_say_it():
    """No conjunction is "a, but not both b and c"; a default with an exception is."""
    a, b, c, _ = EVERY.T
    seen = taught(np.where(a & ~(b & c), 0, 1))
    rule = next(rule for rule in default_rules(seen, seen, 2) if rule.position == 0)
    assert rule.literals == (Literal(0),)
    assert [{one.concept for one in exception} for exception in rule.exceptions] == [{1, 2}]
    assert (rule.speaks(EVERY) == (seen.answers == 0)).all()


def test_answers_that_have_nothing_to_do_with_concepts_give_no_rule():
    seen = taught(np.arange(len(EVERY)) // 16 % 2)  # every picture gets both answers
    assert default_rules(seen, seen, 2) == []


def test_a_rule_is_cut_where_validation_pictures_do_not_bear_it_out():
    a, b, _, _ = EVERY.T
    learnt, chosen = taught(np.where(a & b, 0, 1)), taught(np.where(a, 0, 1))
    long, short = (default_rules(learnt, which, 2)[0] for which in (learnt, chosen))
    assert len(long.literals) == 2 and len(short.literals) == 1


def test_the_most_trusted_rule_that_speaks_answers():
    rules = [ConceptRule(0, (Literal(0),)), ConceptRule(1, (Literal(1),)), ConceptRule(2, (Literal(1),))]
    present = np.array([[True, False], [True, True], [False, True], [False, False]])
    assert answered(rules, np.array([0.6, 0.9, 0.9]), present).tolist() == [0, 1, 1, SILENT]
    assert answered([], np.zeros(0), present).tolist() == [SILENT] * 4


def test_goedels_value_is_one_less_the_most_relevant_mismatch():
    found = Logic(np.array([[1.0, 0.4], [0.5, 0.8]]), np.array([[True, False], [True, True]]))
    present = np.array([[True, True], [False, True], [False, False], [True, False]])
    assert found.values(present) == pytest.approx(np.array([[0.6, 1.0], [0.0, 0.5], [0.0, 0.2], [1.0, 0.2]]))
    assert found.answered(present).tolist() == [1, SILENT, SILENT, 0]


def test_a_value_above_a_half_is_what_the_rule_says():
    rng = np.random.default_rng(7)
    found = Logic(rng.random((5, 4)), rng.random((5, 4)) > 0.5)
    rules = {rule.position: rule.speaks(EVERY) for rule in found.rules()}
    for position, values in enumerate(found.values(EVERY).T):
        assert (rules.get(position, np.ones(len(EVERY), bool)) == (values > 0.5)).all()


def test_what_is_read_off_the_weights_is_what_speaks_for_a_class():
    """Class 0 has concept 0 and is paid for it, and lacks concept 1 and would be punished for it; 2 it has like all."""
    head = np.array([[2.0, -1.0, 5.0, 0.0], [-1.0, 2.0, 5.0, 0.0]])
    means = np.array([[1.0, 0.0, 1.0, 0.3], [0.0, 1.0, 1.0, 0.1]])
    a, b, _, _ = EVERY.T
    kept = a != b
    seen = Binarised(EVERY[kept], np.where(a, 0, 1)[kept])
    first, second = logic(head, means, seen, seen).rules()
    assert first == ConceptRule(0, (Literal(0),)) and second == ConceptRule(1, (Literal(1),))  # shortest of equal ones
    both = Binarised(EVERY, np.where(a & ~b, 0, 1))  # now the first alone says too much
    assert logic(head, means, both, both).rules()[0] == ConceptRule(0, (Literal(0), Literal(1, True)))
