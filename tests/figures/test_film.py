"""A film as data for its player, against numbers worked out by hand."""

import base64
import dataclasses
import json

import numpy as np
import pytest

from engine.figures import film_script
from engine.figures.film import Footage, axis, code, drawn, moments, rows_until
from engine.figures.film_cast import MOST_COLUMNS, cast
from engine.figures.film_changes import weight_changes
from engine.figures.film_frames import coded, weight_scale
from engine.records.events import Watched
from engine.records.watched import AFTER

NAN = np.nan
MATRIX = np.array([[0.9, NAN, NAN], [0.8, 1.0, NAN], [NAN, NAN, NAN]])


def beat(task=0, epoch=AFTER, refs=("val:3",), concepts=("crown",), weight=((0.5, -1.0),), **more):
    """A beat of one or more pictures of class 0."""
    count, classes, words = len(refs), np.shape(weight)[1], len(concepts)
    flat = np.zeros((count, 2, 2), "f2")
    arrays = {
        "probe": np.array(refs),
        "arrived": np.zeros(count, int),
        "reason": np.array(["edge"] * count),
        "lost": np.array([""] * count),
        **{name: np.zeros(count, int) for name in ("label", "aimed", "predicted", "attacked")},
        "probability": np.full((count, classes), 0.25),
        "attacked_probability": np.full((count, classes), NAN),
        "margin": np.full(count, 1.2345),
        "attacked_margin": np.full(count, NAN),
        "fooled": np.zeros(count, bool),
        "top": np.array([["crown", "bill"]] * count),
        "part": np.array([[0.5, NAN]] * count),
        "row_map": flat + np.array([[0.0, 1.0], [2.0, 3.0]]),
        "attacked_row_map": flat + np.array([[0.0, 2.0], [4.0, 6.0]]),
        "text_map": np.zeros((count, 0, 0)),
        "attacked_text_map": np.full((count, 2, 2), NAN),
        "row_shift": np.full((count, 5), 0.5),
        "text_shift": np.full((count, 5), NAN),
        "concept": np.array(concepts),
        "group": np.array(["head"] * words),
        "born": np.zeros(words, int),
        "why": np.array(["used"] * words),
        "alignment": np.full(words, 0.5),
        "drift": np.full(words, NAN),
        "weight": np.array(weight),
        "accuracy": np.full(words, NAN),
        "moved": np.array(NAN),
        "changed_concept": np.array([], str),
        "changed_class": np.array([], int),
        "changed_before": np.array([]),
        "changed_now": np.array([]),
        **dict.fromkeys(("trouble", "no_map", "no_text", "no_attack", "text_fixed", "attack"), np.array("")),
    }
    return Watched(task, epoch, arrays | {name: np.asarray(value) for name, value in more.items()})


def footage(*beats, **more):
    """A run of three tasks of which two are finished."""
    known = np.array([0.9, 0.9, NAN])
    return Footage("run", "A run", ("wren", "tit", "owl"), (0, 1, 2), MATRIX, known, beats, **more)


def test_moments_are_beats_and_ends_of_tasks_in_the_order_of_time():
    places = [beat(1, 40), beat(1, 20), beat(0, AFTER)]
    assert moments(places, 2) == [(0, AFTER), (1, 20), (1, 40), (1, AFTER)]
    assert [rows_until(place, 2) for place in moments(places, 2)] == [1, 1, 1, 2]
    assert rows_until((2, AFTER), 2) == 2  # the beat of a task may be there a moment before its numbers
    assert (code(3, AFTER), code(3, 20)) == ("4", "4.20")


def test_the_axis_shows_what_was_lost_wherever_it_lies():
    assert axis(MATRIX) == (75.0, 100.0)  # 0.80 - 0.02, down to a multiple of 5
    assert axis(np.array([[0.01]])) == (0.0, 5.0) and axis(np.array([[NAN]])) == (0.0, 100.0)


def test_a_map_is_less_its_mean_and_one_byte_a_patch():
    grid = np.array([[0.0, 1.0], [2.0, 3.0]])
    # less 1.5: -1.5 -0.5 0.5 1.5; at limit 3 half of 127 is 63.5, a sixth 21.2, around 128
    assert list(base64.b64decode(coded(grid, 3.0))) == [64, 107, 149, 192]
    assert list(base64.b64decode(coded(grid, 0.5)))[-1] == 255  # beyond the scale
    assert coded(np.zeros((0, 0)), 1.0) == "" and coded(np.full((2, 2), NAN), 1.0) == ""


def test_all_maps_of_a_picture_share_one_scale_clean_and_attacked_over_all_beats():
    found = drawn(footage(beat(0), beat(1, row_map=[[[0.0, 0.0], [0.0, 8.0]]]))).data
    assert found["limits"]["row"] == [6.0] and found["limits"]["text"] == [1.0]  # 8 less its mean of 2
    clean, attacked = (list(base64.b64decode(found["maps"][found["frames"][0]["probes"][0][at]])) for at in (10, 11))
    assert clean == [96, 117, 139, 160]  # 1.5 and 0.5 sixths of 127 around 128
    assert attacked == [64, 107, 149, 192]  # twice as strong is drawn twice as strong
    assert found["frames"][0]["probes"][0][12:14] == [-1, -1]  # no map of the name


def test_a_frame_holds_what_the_beat_says_and_nothing_for_what_is_not_known():
    found = drawn(footage(beat(0), pictures={"val:3": "data:x"})).data
    (probe,) = found["frames"][0]["probes"]
    assert probe[:10] == [0, 0, 0, 0.25, None, 1.234, None, False, [0, 1], [0.5, None]]
    assert found["words"] == ["crown", "bill"] and probe[14:] == [[0.5] * 5, [None] * 5, ""]
    assert found["probes"] == [{"ref": "val:3", "class": 0, "task": 0, "reason": "edge", "picture": "data:x"}]
    assert found["frames"][0]["concepts"] == [[0, 0.5, None, None, [0.5]]] and found["columns"] == (0,)
    assert found["frames"][1] is None and found["matrix"] == [[90.0], [80.0, 100.0]] and found["rows"] == [1, 2]
    assert json.loads(drawn(footage(beat(0))).text)["axis"] == [75.0, 100.0]


def test_a_concept_and_a_picture_keep_their_places_though_others_come_and_go():
    first = beat(0, refs=("val:3", "val:9"), concepts=("crown", "bill"), weight=((1.0,), (2.0,)))
    second = beat(1, refs=("own:1", "val:9"), concepts=("wing", "crown"), weight=((3.0, 4.0), (5.0, 6.0)))
    actors = cast([first, second])
    assert [one.ref for one in actors.probes] == ["val:3", "val:9", "own:1"]
    assert [one.text for one in actors.concepts] == ["crown", "bill", "wing"]
    frame = drawn(footage(first, second)).data["frames"][1]
    assert [one[0] for one in frame["probes"]] == [2, 1]
    assert [(one[0], one[4]) for one in frame["concepts"]] == [(2, [3.0]), (0, [5.0])]


def test_watched_classes_are_those_of_the_pictures_and_what_they_are_mixed_up_with():
    mixed = beat(0, predicted=[2], attacked=[1], weight=((0.0, 0.0, 0.0),))
    assert cast([mixed]).columns == (0, 1, 2)
    assert cast([beat(0, aimed=[-1], predicted=[-1], attacked=[-1])]).columns == ()
    many = [beat(0, aimed=[c], predicted=[c], attacked=[40], weight=np.zeros((1, 50))) for c in range(30)]
    assert len(cast(many).columns) == MOST_COLUMNS and 40 not in cast(many).columns


def test_changes_of_weights_are_those_of_classes_that_were_there():
    before = beat(0, concepts=("crown", "bill"), weight=((1.0,), (0.0,)))
    now = beat(1, concepts=("bill", "crown"), weight=((0.5, 9.0), (0.9, 9.0)), changed_concept=["wing", "wing"])
    now = dataclasses.replace(
        now,
        arrays={
            **now.arrays,
            "changed_class": np.array([0, 1]),
            "changed_before": np.array([2.0, 0.0]),
            "changed_now": np.array([-1.0, 5.0]),
        },
    )
    found = [(one.concept, one.position, round(one.size, 3)) for one in weight_changes(before, now)]
    assert found == [("wing", 0, 3.0), ("bill", 0, 0.5), ("crown", 0, 0.1)]
    assert weight_changes(None, now) == []


def test_the_scale_of_the_weights_is_that_of_nearly_all():
    weights = np.ones((1, 1000))
    weights[0, 0] = 50.0
    assert weight_scale([beat(weight=weights)]) == 1.0 and weight_scale([]) == 1.0


@pytest.mark.parametrize(
    ("more", "panel", "said"),
    [
        ({}, "matrix", "90 % right on 1 class of 1 task"),
        ({}, "weights", "“crown” weighs most: −1.00 for tit"),
        ({}, "attention", "1 of 1 pictures are right"),
        ({"predicted": [1]}, "attention", "0 of 1 pictures are right"),
        ({"fooled": [True]}, "attack", "1 of 1 pictures fooled; attention moves 0.5 patches on average"),
        ({"attacked": [-1]}, "attack", "No picture was attacked here"),
    ],
)
def test_every_panel_says_what_it_shows(more, panel, said):
    assert drawn(footage(beat(0, **more))).data["told"][0][panel] == said


def test_where_there_was_no_beat_the_panels_say_so():
    told = drawn(footage()).data["told"][1]
    assert told["forgetting"] == "Task 1 lost 10 points, when task 2 was learnt"
    assert told["weights"] == "No concept was looked at here" and told["attack"] == "No picture was attacked here"


def test_the_players_script_is_one_module_and_one_plain_script():
    assert film_script.script().count("export default ") == 1
    assert "export" not in film_script.plain_script() and film_script.plain_script().startswith("const film = (")
    assert ".film" in film_script.sheet()
