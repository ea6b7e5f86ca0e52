"""What a model of energies expects, from probabilities that are chosen by hand."""

from __future__ import annotations

import numpy as np

from engine.exhibits.concepts.expected import EXPECTED, exhibit
from engine.explain.conditionals import Conditionals

WORDS, NAMES = ("hooked bill", "<b>meadow</b>", "bird"), ("hookbill", "fantail")
# p(y) = 0.5 each; p(c, y): the first concept is the first class's, the second is both's, the third always there
FOUND = Conditionals(
    np.array([0.5, 0.5]),
    np.array([0.5, 0.5, 1.0]),
    np.array([[0.45, 0.2, 0.5], [0.05, 0.3, 0.5]]),
    np.array([[0.5, 0.3, 0.5], [0.3, 0.5, 0.5], [0.5, 0.5, 1.0]]),
)


def test_concepts_are_told_by_how_much_likelier_a_class_makes_them() -> None:
    shown = exhibit(FOUND, "class", WORDS, NAMES)
    assert shown.headline == "Given hookbill, it finds hooked bill 90 % likely, else 50 %"
    assert shown.html.index("hookbill") < shown.html.index("fantail")  # the one that tells most comes first
    assert "<b>90 %</b> <small>(else 50 %)</small>" in shown.html and ">bird" not in shown.html  # it is always there
    assert "&lt;b&gt;meadow&lt;/b&gt; <b>60 %</b>" in shown.html
    assert shown.table()["hooked bill"] == [0.9, 0.1] and shown.table()["class"] == list(NAMES)


def test_a_class_that_was_chosen_is_told_of_alone() -> None:
    shown = exhibit(FOUND, "class", WORDS, NAMES, position=1)
    assert "Given fantail" in shown.headline and "hookbill" not in shown.html


def test_a_concept_does_not_tell_of_itself() -> None:
    shown = exhibit(FOUND, "concept", WORDS, NAMES)
    assert shown.headline == "Given hooked bill, it finds <b>meadow</b> 60 % likely, else 50 %"
    assert "<th scope='row'>bird" not in shown.html  # nothing follows from what is always there
    assert shown.table()["hooked bill"][0] == 1.0


def test_a_concept_tells_of_classes() -> None:
    shown = exhibit(FOUND, "answer", WORDS, NAMES)
    assert shown.headline == "Given hooked bill, it finds hookbill 90 % likely, else 50 %"
    assert shown.key == f"{EXPECTED.name}-answer" and shown.table()["fantail"] == [0.1, 0.6, 0.5]


def test_where_nothing_follows_that_is_said() -> None:
    flat = Conditionals(np.full(2, 0.5), np.full(3, 0.5), np.full((2, 3), 0.25), np.full((3, 3), 0.25))
    assert exhibit(flat, "answer", WORDS, NAMES).headline == "It makes no classes likelier than they are anyhow"
    never = Conditionals(np.array([1.0, 0.0]), np.zeros(3), np.zeros((2, 3)), np.zeros((3, 3)))
    assert exhibit(never, "concept", WORDS, NAMES).table()["bird"] == [None, None, None]
