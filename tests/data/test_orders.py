"""Class orders: the literature's, a person's, and by similar names."""

import numpy as np
import pytest

from engine.data.chosen import choose
from engine.data.orders import given_order, seeded_order, similarity_order
from engine.errors import BadParameter

NAMES = ("red_crowned hookbill", "Marsh wader", "7", "dune runner")


def test_seed_1993_gives_the_published_order_of_ten_classes():
    """The start of CIFAR-100's order in PILOT's logs: [68, 56, 78, 8, 23, ...]."""
    assert seeded_order(100)[:5] == (68, 56, 78, 8, 23)


def test_seeded_order_equals_the_authors_global_call_without_touching_it():
    np.random.seed(7)
    expected = np.random.permutation(40)
    np.random.seed(5)
    before = np.random.get_state()[1].copy()
    assert seeded_order(40, 7) == tuple(expected)
    np.testing.assert_array_equal(np.random.get_state()[1], before)


@pytest.mark.parametrize(
    "entries",
    [
        "Dune Runner, marsh wader\n7\nred crowned  hookbill\n",
        ["dune runner", "Marsh wader", "7", "red_crowned hookbill"],
        [3, 1, 2, 0],
        "3, 1, 2, 0",
        "3, marsh wader, 2, 0",
    ],
)
def test_by_hand_with_names_or_indices(entries):
    assert given_order(entries, NAMES) == (3, 1, 2, 0)


def test_a_class_called_like_a_number_goes_before_the_index():
    names = ("2", "0", "1")
    assert given_order("0, 1, 2", names) == (1, 2, 0)
    assert given_order([0, 1, 2], names) == (0, 1, 2)  # numbers are always indices


@pytest.mark.parametrize(
    ("entries", "words"),
    [
        ("dune runner, marsh wader, 7", ["red_crowned hookbill", "missing"]),
        ("dune runner, dune runner, marsh wader, 7, 0", ["dune runner", "more than once"]),
        ("dune runner, ostrich, 7, 0", ["ostrich", "Marsh wader"]),
        ([0, 1, 2, 4], ["4"]),
        ([0, 1, 2, -1], ["-1"]),
        ("", ["missing"]),
        ("0, 1, 2, ²", ["²"]),
    ],
)
def test_what_is_wrong_is_named(entries, words):
    with pytest.raises(BadParameter) as error:
        given_order(entries, NAMES)
    assert all(word in str(error.value) for word in words)


def at(*degrees):
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], 1)


def test_similar_names_become_neighbours():
    # 100 degrees has the smallest similarity to the others together; from there always the nearest that is left
    assert similarity_order(at(10, 100, 0, 60, 25)) == (1, 3, 4, 0, 2)


def test_similarity_ignores_length_and_breaks_ties_by_index():
    assert similarity_order(at(10, 100, 0, 60) * np.array([[3], [1], [9], [2]])) == similarity_order(at(10, 100, 0, 60))
    assert similarity_order(np.ones((4, 2))) == (0, 1, 2, 3)
    assert similarity_order(np.zeros((0, 2))) == ()


def test_similarity_order_follows_the_classes_when_they_are_renumbered():
    embeddings = np.random.default_rng(0).normal(size=(12, 5))
    swap = np.random.default_rng(1).permutation(12)
    assert [swap[i] for i in similarity_order(embeddings[swap])] == list(similarity_order(embeddings))


def test_an_order_of_chosen_classes_takes_old_names_and_passes_over_those_left_out():
    choice = choose(("gull", "tern", "auk", "9"), "auk", "gull=tern; tern=skua")
    assert given_order("skua, tern, 9", choice.names, choice) == (1, 0, 2)
    assert given_order("9; auk; gull; skua", choice.names, choice) == (2, 0, 1), "an old name where it is no new one"
    assert given_order("3, 2, 1, 0", choice.names, choice) == (2, 1, 0), "numbers count as the data list the classes"
    with pytest.raises(BadParameter, match="skua is missing"):
        given_order("tern, 9", choice.names, choice)


def test_names_with_commas():
    assert given_order("a, b; c", ("c", "a, b")) == (1, 0)
