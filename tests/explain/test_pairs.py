"""Counterfactual pairs: which are worth looking at, and in which order."""

import numpy as np
import pytest

from engine.data.aviary.attributes import ATTRIBUTES, INDEX
from engine.explain import pairs
from tests.explain.test_effects import edits

NAMES = ("blue-crowned hookbill", "white-backed spotted longtail")


def code(attribute: str, value: str) -> int:
    return ATTRIBUTES[INDEX[attribute]].values.index(value)


@pytest.mark.parametrize(
    ("attribute", "value", "told"),
    [
        ("crown", "blue", True),
        ("crown", "white", False),
        ("bill", "hooked", True),
        ("bill", "flat", False),
        ("back", "blue", False),
        ("habitat", "snow", False),
    ],
)
def test_a_name_tells_its_colour_and_its_shape(attribute, value, told):
    assert pairs.names_it(attribute, value, NAMES[0]) is told


def test_told_apart_are_birds_it_had_right_the_surest_on_both_sides_first():
    some = edits(
        label=[0, 0, 0, 0],
        before=[0, 0, 1, 0],
        after=[1, 1, 0, 0],
        sure_before=[0.9, 0.7, 1.0, 1.0],
        sure_after=[0.5, 0.8, 1.0, 1.0],
    )
    assert pairs.told_apart(some).tolist() == [1, 0]


def test_not_told_apart_are_visible_and_those_that_make_the_name_untrue_come_first():
    crown, habitat = INDEX["crown"], INDEX["habitat"]
    some = edits(
        attribute=[habitat, crown, crown, crown],
        old=[0, code("crown", "blue"), code("crown", "red"), code("crown", "blue")],
        sure_after=[1.0, 0.6, 0.9, 0.8],
        visible=[0.5, 0.1, 0.1, 0.0],
    )
    assert pairs.falsified(some, NAMES).tolist() == [False, True, False, True]
    assert pairs.not_told_apart(some, NAMES).tolist() == [1, 0, 2]
    assert pairs.not_told_apart(some.where(np.zeros(4, bool)), NAMES).tolist() == []
