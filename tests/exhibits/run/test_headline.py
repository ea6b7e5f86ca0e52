"""What just happened, in a sentence: every rule against numbers worked out by hand."""

import numpy as np
import pytest

from engine.exhibits.run.headline import headlines
from engine.figures.film import moments
from engine.records.watched import AFTER
from tests.figures.test_film import beat

CLASSES = ("wren", "tit", "owl")
LOST = np.array([[1.0, np.nan], [0.94, 0.9]])
KEPT = np.array([[1.0, np.nan], [0.995, 0.9]])


def told(*beats, accuracy=LOST, done=2):
    return headlines(accuracy, moments(beats, done), beats, CLASSES)


def test_without_beats_it_is_what_each_task_took():
    assert told() == ("Task 1 is learnt, and 100 % right", "Task 2 took 6 points from task 1")
    assert told(accuracy=KEPT)[1] == "Task 2 took nothing from the earlier ones"


def test_a_beat_whose_numbers_are_not_there_yet_says_what_can_be_said():
    early = np.full((2, 2), np.nan)
    assert told(beat(0), accuracy=early, done=0) == ("Task 1 is learnt",)


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        (1.0, 0.5, "“crown” lost its place in wren"),
        (1.0, 0.51, "nothing that is watched has changed"),
        (1.0, -0.2, "“crown” now speaks against wren"),
        (-1.0, 0.2, "“crown” now speaks for wren"),
        (0.5, 1.0, "“crown” speaks for wren"),
        (-0.5, -1.1, "“crown” speaks against wren"),
        (0.5, 0.9, "nothing that is watched has changed"),
    ],
)
def test_a_weight_loses_or_wins_its_place(before, now, said):
    assert told(beat(1, 20, weight=((before,),)), beat(1, 40, weight=((now,),)))[2] == said[0].upper() + said[1:]


def test_a_small_weight_beside_a_large_one_has_no_place_to_lose():
    before, now = ((1.0,), (0.2,)), ((1.01,), (0.0,))
    two = ("crown", "bill")
    found = told(beat(1, 20, concepts=two, weight=before), beat(1, 40, concepts=two, weight=now))
    assert found[2] == "Nothing that is watched has changed"


def test_pictures_that_turn_wrong_or_right():
    refs = ("val:1", "val:2", "val:3")
    right, wrong = beat(0, refs=refs), beat(1, 20, refs=refs, predicted=[1, 0, 2])
    assert told(right, wrong)[1] == "A picture of wren is taken for tit, and another is wrong"
    again = beat(1, 40, refs=refs, predicted=[0, 0, 2])
    assert told(right, wrong, again)[2] == "A picture of wren is right again"
    unknown = beat(1, 20, refs=refs, predicted=[-1, 0, 0])
    assert "taken" not in told(right, unknown)[1]


def test_the_attack_fools_more_and_fewer_is_no_news():
    refs = ("val:1", "val:2")
    none, one = beat(0, refs=refs), beat(1, 20, refs=refs, fooled=[True, False])
    assert told(none, one)[1] == "The attack fools 1 of 2 pictures, 0 before"
    fewer = beat(1, 40, refs=refs)
    assert told(none, one, fewer)[2] == "Nothing that is watched has changed"


def test_two_things_make_a_headline_and_the_loss_comes_first():
    before = beat(0, weight=((1.0,),))
    now = beat(1, AFTER, weight=((0.1,),), predicted=[1], fooled=[True])
    assert told(before, now)[1] == "Task 2 took 6 points from task 1; “crown” lost its place in wren"


def test_where_nothing_else_is_to_be_said_it_is_how_much_the_head_changed():
    assert told(beat(1, 1, moved=0.034))[1] == "The head changed by 3 % of its size"


def test_a_headline_never_changes_when_more_comes():
    beats = [beat(0), beat(1, 20, predicted=[1]), beat(1, AFTER, fooled=[True])]
    later = told(*beats)
    for end in (1, 2):
        early = LOST.copy()
        early[1:] = np.nan
        assert told(*beats[:end], accuracy=early, done=1) == later[:end]


def test_a_look_that_failed_is_not_compared_with():
    failed = beat(1, 20, trouble="it failed", predicted=[1])
    assert told(beat(0), failed, beat(1, AFTER))[2] == "Task 2 took 6 points from task 1"
