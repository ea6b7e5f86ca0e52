"""Acts on one image: as text and back, by hand, and with what somebody puts into an address."""

import numpy as np
import pytest

from engine.errors import BadInput
from engine.interventions.acts import (
    ABSENT,
    NEGATE,
    PRESENT,
    VALUE,
    ZERO,
    Act,
    added,
    known_to,
    log,
    outcome,
    parsed,
    without,
    written,
)
from engine.interventions.propagation import correlations

SCORES = np.array([0.5, -2.0, 2.0, -0.25])
ALL = (Act(0, PRESENT), Act(1, ABSENT), Act(2, ZERO), Act(3, NEGATE))


def test_text_and_back():
    acts = (Act(12, PRESENT), Act(40, ABSENT), Act(7, ZERO), Act(9, NEGATE), Act(3, VALUE, -0.31))
    assert written(acts) == "12p.40a.7z.9n.3=-0.310"
    assert parsed(written(acts)) == acts and parsed("") == () and written(()) == ""


@pytest.mark.parametrize(
    "text", ["12", "p", "12q", "12p.", "12p..3a", "1=", "1=nan", "1=1e9", "1=99999", "<b>", "-1p", "1=1.2345678", "٣p"]
)
def test_anything_else_is_refused_in_words(text):
    if text == "12p.":
        assert parsed(text) == (Act(12, PRESENT),)  # a trailing full stop is harmless
        return
    with pytest.raises(BadInput, match="interventions"):
        parsed(text)


def test_a_huge_text_is_refused_at_once():
    with pytest.raises(BadInput):
        parsed("1p." * 100_000)


def test_a_second_act_replaces_the_first_and_moves_to_the_end():
    acts = added((Act(1, PRESENT), Act(2, ZERO)), Act(1, ABSENT))
    assert acts == (Act(2, ZERO), Act(1, ABSENT))
    assert without(acts, [2]) == (Act(1, ABSENT),) and parsed("1p.2z.1a") == acts
    assert known_to((Act(3, ZERO), Act(4, ZERO)), 4) == (Act(3, ZERO),)


def test_what_each_act_does(small):
    found = outcome(ALL, SCORES, small.scale(4), None)  # present at 1, absent at -1
    assert found.after.tolist() == [1.0, -2.0, 0.0, 0.25]
    assert found.acted.all() and not found.followed.any() and np.array_equal(found.before, SCORES)
    assert outcome((Act(0, VALUE, 7.5),), SCORES, small.scale(4), None).after[0] == 7.5


def test_no_act_changes_nothing_even_with_propagation(small):
    known = correlations(np.zeros(4), np.ones((4, 4)), "scores", 0.0)
    found = outcome((), SCORES, small.scale(4), known)
    assert np.array_equal(found.after, SCORES) and not found.followed.any()


def test_those_that_follow_are_told_apart_from_those_that_were_set(small):
    covariance = np.eye(4)
    covariance[0, 1] = covariance[1, 0] = 0.8
    known = correlations(np.zeros(4), covariance, "scores", 0.3, shrink=0.0)
    found = outcome((Act(0, VALUE, 1.5),), SCORES, small.scale(4), known)
    assert found.after == pytest.approx([1.5, -2.0 + 0.8, 2.0, -0.25])
    assert found.followed.tolist() == [False, True, False, False]


def test_the_log_says_what_happened(small):
    names = ["red crown", "<b>bill</b>", "long tail", "snow"]
    lines = log(ALL, names, outcome(ALL, SCORES, small.scale(4), None))
    assert lines == [
        "red crown present: +0.50 → +1.00",
        "long tail set to zero: +2.00 → 0.00",
        "snow negated: −0.25 → +0.25",
        "Nothing new to the model: <b>bill</b> absent",
    ]
    told = (Act(0, VALUE, -0.5),)
    assert log(told, names, outcome(told, SCORES, small.scale(4), None)) == ["red crown set to −0.50, was +0.50"]
