"""The moments that stand for a film: each rule against a film made by hand."""

import numpy as np

from engine.exhibits.run.headline import headlines
from engine.exhibits.run.keyframes import exhibit, key_frames
from engine.figures.film import Footage, moments
from engine.figures.heat import data_address
from tests.figures.test_film import beat

NAN = np.nan
MATRIX = np.array([[1.0, NAN, NAN], [0.9, 1.0, NAN], [0.88, 0.7, 1.0]])


def footage(*beats, accuracy=MATRIX, **more):
    done = int(np.isfinite(accuracy[:, 0]).sum())
    classes = ("wren", "<b>tit</b>", "owl")
    told = headlines(accuracy, moments(beats, done), beats, classes)
    seen = np.where(np.isfinite(accuracy[:, 0]), 0.86, NAN)
    return Footage("run", "A run", classes, (0, 1, 2), accuracy, seen, beats, headlines=told, **more)


def test_each_rule_chooses_its_moment_and_one_that_several_choose_is_there_once():
    beats = [
        beat(0, 20),
        beat(1, 20, moved=0.5),
        beat(2, 20, moved=0.1, fooled=[True]),
        beat(2, 40, moved=0.2, fooled=[True]),
    ]
    found = footage(*beats)
    when = moments(beats, 3)
    named = {frame.names: when[frame.at] for frame in key_frames(found)}
    assert named == {
        ("First task",): (0, 0),
        ("Biggest change of weights",): (1, 20),
        ("Most fooled",): (2, 20),  # the first of the two
        ("Biggest drop", "Last"): (2, 0),  # task 2 lost 30 points with task 3
    }


def test_without_beats_and_without_losses_there_are_the_first_and_the_last():
    flat = np.array([[1.0, NAN], [1.0, 1.0]])
    assert [frame.names for frame in key_frames(footage(accuracy=flat))] == [("First task",), ("Last",)]
    alone = np.array([[1.0, NAN], [NAN, NAN]])
    assert [frame.names for frame in key_frames(footage(accuracy=alone))] == [("First task", "Last")]


def test_a_look_that_failed_stands_for_nothing():
    found = footage(beat(1, 20, moved=9.0, trouble="it failed"), beat(1, 40, moved=0.1))
    assert {frame.at for frame in key_frames(found) if "Biggest change of weights" in frame.names} == {2}


def test_a_frame_shows_matrix_and_a_picture_untouched_and_attacked_and_names_stay_text():
    picture = data_address(np.full((8, 8, 3), 128, np.uint8))
    one = beat(2, 0, attacked=[1], fooled=[True], weight=((0.0, 0.0, 0.0),))
    shown = exhibit(footage(one, pictures={"val:3": picture}))
    assert shown.html is not None
    last = shown.html.split("<li>")[-1]
    assert last.count("<img") == 3 and "Untouched: wren" in last
    assert "Attacked: &lt;b&gt;tit&lt;/b&gt;" in last and "<b>tit" not in shown.html
    assert shown.table is not None and shown.table()["accuracy"] == [0.86, 0.86]
