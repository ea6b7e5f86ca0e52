"""An image in words, on vectors few enough to be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engine.explain.splice import alike, centre_of, decomposed, dictionary

AXES = np.vstack([np.eye(4), -np.eye(4)])
"""Eight words whose mean is nothing, so that centring leaves them as they are."""
WORDS = ("red", "blue", "crown", "tail", "not red", "not blue", "not crown", "not tail")
NOWHERE = np.zeros(4)


def test_weights_are_those_of_the_lasso_in_closed_form():
    """With axes for words, |w - z|^2 + l |w|_1 is least at w = z - l / 2 where that is above 0."""
    image = np.array([[0.8, 0.6, 0.0, 0.0]])
    found = decomposed(image, dictionary(WORDS, AXES, NOWHERE), 0.25)
    assert found.weights[0] == pytest.approx([0.675, 0.475, 0, 0, 0, 0, 0, 0], abs=1e-4)
    rebuilt = np.array([0.675, 0.475]) / np.hypot(0.675, 0.475)
    assert found.cosine[0] == pytest.approx(rebuilt @ [0.8, 0.6], abs=1e-4)
    assert found.alone[0] == 0.0
    assert [WORDS[w] for w in found.strongest(0, 5)] == ["red", "blue"] and found.strongest(0, 1) == [0]


def test_no_word_is_taken_away():
    found = decomposed(np.array([[-0.6, 0.8, 0.0, 0.0]]), dictionary(WORDS[:4], AXES[:4], NOWHERE))
    assert (found.weights >= 0).all()
    with_opposites = decomposed(np.array([[-0.6, 0.8, 0.0, 0.0]]), dictionary(WORDS, AXES, NOWHERE))
    assert [WORDS[w] for w in with_opposites.strongest(0, 5)] == ["blue", "not red"]


def test_a_large_penalty_leaves_no_word_and_only_the_mean_picture_is_rebuilt():
    centre = np.array([0.0, 0.0, 0.3, 0.4])
    found = decomposed(np.array([[0.6, 0.0, 0.8, 0.0]]), dictionary(WORDS, AXES, centre), 10.0)
    assert not found.weights.any() and found.strongest(0, 3) == []
    assert found.cosine[0] == pytest.approx(0.48) and found.alone[0] == pytest.approx(0.48)  # 0.8 x 0.6


def test_pictures_and_words_are_brought_to_one_centre():
    """What all words and all pictures have in common, each in their own way, does not matter."""
    cone, other = np.array([0.0, 0.0, 0.0, 5.0]), np.array([0.0, 0.0, 7.0, 0.0])
    plain, shifted = dictionary(WORDS, AXES, NOWHERE), dictionary(WORDS, AXES + cone, other)
    image = np.array([[0.8, 0.6, 0.0, 0.0]])
    assert decomposed(image + other, shifted).weights == pytest.approx(decomposed(image, plain).weights, abs=1e-6)


def test_likeness_and_centre():
    assert alike(np.array([1.0, 0.0, 2.0]), np.array([2.0, 0.0, 4.0])) == pytest.approx(1.0)
    assert alike(np.array([1.0, 0.0]), np.array([0.0, 3.0])) == 0.0 == alike(np.zeros(2), np.ones(2))
    images = np.array([[0.0, 0.0], [0.0, 2.0], [4.0, 0.0]])
    assert centre_of(images, np.array([0, 0, 1])).tolist() == [2.0, 0.5]  # a class of two counts as one of one
