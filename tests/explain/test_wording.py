"""Definitions in words."""

import pytest

from engine.explain.wording import Clause, definition, phrase, sentence, signed
from tests.explain.small import model

NAMES = ("hooked bill", "spotted breast", "two legs")
# mean scores by class: hooked bill 1, 0; spotted breast 0, 1; two legs 1, 1 (which sets nobody apart)
BIRDS = model(
    [[1.0, 0.0], [0.0, 1.0], [1.0, 1.0]],
    [[4.0, -1.8, 9.0], [-4.0, 3.0, 9.0]],
    names=NAMES,
    means=[[1.0, 0.0], [0.0, 1.0]],
)


def test_what_the_class_has_and_what_it_lacks():
    has, lacks = definition(BIRDS, 0)
    assert (has.text, has.negated, has.weight) == ("hooked bill", False, 4.0)
    assert has.value == pytest.approx(4.0 * 0.5)  # the class means 1, 0 have standard deviation 0.5
    assert has.gain == pytest.approx(4.0 * 0.5)  # above the mean of the classes by 0.5
    assert (lacks.text, lacks.negated) == ("spotted breast", True)
    assert lacks.value == pytest.approx(-0.9)
    assert lacks.gain == pytest.approx(0.9)  # the class lacks it, which speaks for the class


def test_what_all_classes_share_sets_none_apart():
    assert "two legs" not in [clause.text for clause in definition(BIRDS, 0)]


def test_the_sentence():
    assert sentence("red-crowned hookbill", definition(BIRDS, 0)) == (
        "A red-crowned hookbill because: hooked bill +2.0, NOT spotted breast −0.9"
    )
    assert sentence("owl", definition(BIRDS, 1)) == "An owl because: spotted breast +1.5, NOT hooked bill −2.0"
    assert sentence("owl", []) == "An owl: no concept sets it apart from the other classes"


def test_at_most_as_many_as_asked_and_the_strongest():
    assert [clause.text for clause in definition(BIRDS, 0, top=1)] == ["hooked bill"]


def test_with_a_single_class_the_weights_speak():
    alone = model([[1.0, 0.0], [0.0, 1.0]], [[0.5, -2.0]], names=NAMES[:2], means=[[1.0, 0.0]])
    assert [(c.text, c.value) for c in definition(alone, 0)] == [("hooked bill", 0.5)]


def test_a_weight_of_nothing_is_no_reason():
    blank = model([[1.0, 0.0]], [[0.0], [0.01]], means=[[1.0, 0.0], [0.0, 1.0]])
    assert definition(blank, 0) == definition(blank, 1) == []


@pytest.mark.parametrize(("value", "text"), [(2.14, "+2.1"), (-0.9, "−0.9"), (0.04, "0.0"), (-0.04, "0.0")])
def test_numbers_have_their_sign(value, text):
    assert signed(value) == text
    assert phrase(Clause(0, "bill", value, value, value < 0, 1.0)).endswith(f"bill {text}")
