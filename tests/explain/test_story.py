"""One image through the tasks."""

import math

import pytest
import torch

from engine.explain.prototypes import nearest
from engine.explain.story import once_right, story
from tests.explain.small import images, model, random_model

ROWS = [[1.0, 0.0], [0.0, 1.0]]
X = torch.tensor([0.8, 0.6])
RIGHT = model(ROWS, [[2.0, 0.0], [0.0, 2.0]], class_ids=(7, 3))  # 1.6 against 1.2
HEAD_DRIFTED = model(ROWS, [[1.0, 0.0], [0.0, 2.0]], class_ids=(7, 3), task=1)  # 0.8 against 1.2
NEW_CLASS = model(
    [*ROWS, [1.0, 1.0]],
    [[1.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 5.0]],
    class_ids=(7, 3, 9),
    task=2,
    births=(0, 0, 2),
)


def test_what_it_was_taken_for_and_how_surely():
    first, second, third = story([RIGHT, HEAD_DRIFTED, NEW_CLASS], X, class_id=7)
    assert [m.predicted for m in (first, second, third)] == [7, 3, 9]
    assert [m.right for m in (first, second, third)] == [True, False, False]
    assert first.margin == pytest.approx(0.4) and second.margin == pytest.approx(-0.4)
    assert third.margin == pytest.approx(0.8 - 7.0)
    assert first.probability == first.confidence == pytest.approx(1 / (1 + math.exp(-0.4)))


def test_what_tipped_it_is_the_concept_that_rose_most():
    _, second, third = story([RIGHT, HEAD_DRIFTED, NEW_CLASS], X, class_id=7)
    assert second.tip is not None and third.tip is not None
    tip = second.tip  # class 7 lost 0.8 of concept a, which is 0.8 for class 3 over class 7
    assert (tip.from_class, tip.to_class, tip.arrived, tip.text) == (7, 3, False, "a")
    assert tip.rise == pytest.approx(0.8)
    tip = third.tip
    assert (tip.to_class, tip.arrived, tip.text, tip.new_concept) == (9, True, "c", True)
    assert tip.rise == pytest.approx(7.0)


def test_no_change_no_tip():
    assert [m.tip for m in story([RIGHT, RIGHT], X)] == [None, None]


def test_before_its_class_was_learnt_it_cannot_be_right():
    moments = story([RIGHT, NEW_CLASS], X, class_id=9)
    assert [m.known for m in moments] == [False, True]
    assert math.isnan(moments[0].probability) and math.isnan(moments[0].margin)
    assert not moments[0].right and moments[1].right


def test_without_a_true_class_there_is_still_a_story():
    moments = story([RIGHT, HEAD_DRIFTED], X)
    assert [m.predicted for m in moments] == [7, 3]
    assert not any(m.known for m in moments)
    assert moments[1].tip is not None


def test_a_lone_class_has_no_margin():
    assert math.isnan(story([model(ROWS, [[1.0, 0.0]])], X, class_id=0)[0].margin)


def test_when_it_was_right_last():
    moments = story([RIGHT, HEAD_DRIFTED, RIGHT, NEW_CLASS], X, class_id=7)
    assert once_right(moments, 1) == 0
    assert once_right(moments, 0) is None  # it is right
    assert once_right(story([HEAD_DRIFTED, HEAD_DRIFTED], X, class_id=7), 1) is None  # it never was
    assert once_right(story([RIGHT, HEAD_DRIFTED], X), 1) is None  # nobody knows


def test_nearest_prototypes_are_by_cosine():
    centres = model(ROWS, [[0.0, 0.0]] * 3, means=[[0.0, 2.0], [0.5, 0.5], [3.0, 0.0]])
    found = nearest(centres, X, 2)
    assert [p.position for p in found] == [1, 2]
    assert [p.cosine for p in found] == pytest.approx([1.4 / math.sqrt(2), 0.8])
    assert len(nearest(random_model(4, 3), images(1)[0], 9)) == 3
