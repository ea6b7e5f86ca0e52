"""The map: points never move, every point is in exactly one cloud, and its index travels with it."""

import numpy as np

from engine.figures.embedding import (
    TOLD,
    Labels,
    by_class,
    by_correctness,
    by_score,
    by_task,
    embedding_map,
    extent,
    map_table,
)

PLACE = np.array([[0.0, 0], [10, 0], [0, 5], [10, 5], [5, 2]])
POSITIONS = np.array([0, 0, 1, 2, 3])
TASKS = np.array([0, 0, 0, 1, 2])
KNOWN = TASKS <= 1
WORDS = ["a", "b", "c\nd", "<b>e</b>", "f"]


def members(clouds):
    return {cloud.name: cloud.members.tolist() for cloud in clouds}


def test_tasks_are_a_scale_and_later_images_are_faint():
    later, learnt = by_task(TASKS, KNOWN, 3)
    assert members((later, learnt)) == {"not learnt yet": [4], "learnt": [0, 1, 2, 3]}
    assert learnt.colour.tolist() == [1, 1, 1, 2]
    assert learnt.scale[1:3] == (1.0, 3.0)
    assert later.opacity < 0.3 < learnt.opacity
    assert members(by_task(TASKS, TASKS < 9, 3)) == {"learnt": [0, 1, 2, 3, 4]}


def test_the_scale_of_tasks_has_whole_numbers_only():
    for total, step in ((3, 1), (8, 1), (20, 2), (45, 5)):
        clouds = by_task(TASKS, KNOWN, total)
        assert embedding_map(PLACE, clouds, WORDS).data[1].marker.colorbar.dtick == step


def test_told_classes_have_a_colour_and_a_shape_each_and_the_rest_is_quiet():
    clouds = by_class(POSITIONS, KNOWN, [(2, "owl"), (0, "wren")])
    assert members(clouds) == {"not learnt yet": [4], "other classes": [2], "owl": [3], "wren": [0, 1]}
    assert [(c.colour, c.symbol) for c in clouds[2:]] == [(TOLD[0], "circle"), (TOLD[1], "square")]


def test_more_classes_than_colours_are_quiet_not_repeated():
    positions, known = np.arange(9), np.ones(9, bool)
    clouds = by_class(positions, known, [(p, f"class {p}") for p in range(9)])
    assert len(clouds) == 1 + len(TOLD)
    assert members(clouds)["other classes"] == list(range(len(TOLD), 9))


def test_forgotten_is_once_right_and_now_wrong():
    right = np.array([True, False, False, True, False])
    once = np.array([True, True, False, True, False])
    found = members(by_correctness(KNOWN, right, once))
    assert found == {"not learnt yet": [4], "right": [0, 3], "wrong, never right": [2], "forgotten: once right": [1]}


def test_scores_keep_the_scale_they_are_given():
    clouds = by_score(KNOWN, np.array([0.1, 0.2, 0.3, 0.4, 9.0]), (0.0, 0.5), "red crown")
    np.testing.assert_allclose(clouds[1].colour, [0.1, 0.2, 0.3, 0.4])
    assert clouds[1].scale[1:] == (0.0, 0.5, "score of “red crown”")


def test_points_stay_where_they_are_whatever_is_known():
    def drawn(known):
        figure = embedding_map(PLACE, by_task(TASKS, known, 3), WORDS)
        at = {int(i): (x, y) for t in figure.data for i, x, y in zip(t.customdata, t.x, t.y, strict=True)}
        return at, figure.layout.xaxis.range, figure.layout.yaxis.range

    early, late = drawn(TASKS <= 0), drawn(TASKS <= 2)
    assert early == late
    assert early[0] == {i: tuple(PLACE[i]) for i in range(5)}


def test_axes_have_a_little_room_and_one_scale():
    assert extent(PLACE) == ([-0.4, 10.4], [-0.2, 5.2])
    assert extent(np.ones((1, 2))) == ([0, 2], [0, 2])
    assert embedding_map(PLACE, by_task(TASKS, KNOWN, 3), WORDS).layout.yaxis.scaleanchor == "x"


def test_names_and_words_cannot_be_markup():
    evil = "<img src=x onerror=alert(1)>"
    clouds = by_class(POSITIONS, KNOWN, [(0, evil)])
    figure = embedding_map(PLACE, clouds, [evil] * 5, concepts=Labels(PLACE[:1], (evil,), 0), axes=("x", "y"))
    assert "<img" not in figure.to_json()
    words = embedding_map(PLACE, by_task(TASKS, KNOWN, 3), WORDS).data[1].text
    assert list(words) == ["a", "b", "c<br>d", "&lt;b&gt;e&lt;/b&gt;"]


def test_concepts_are_told_from_images_by_an_index_below_zero():
    concepts = Labels(np.array([[1.0, 1], [20, 1]]), ("red crown", "woods"), 1)
    figure = embedding_map(PLACE, by_task(TASKS, KNOWN, 3), WORDS, concepts=concepts)
    crosses = figure.data[2]
    assert crosses.customdata.tolist() == [-1, -2]
    assert figure.layout.xaxis.range[1] > 20
    (label,) = figure.layout.annotations
    assert (label.text, label.x) == ("woods", 20)
    assert figure.data[1].marker.opacity < by_task(TASKS, KNOWN, 3)[1].opacity


def test_a_selection_lives_in_every_cloud_and_the_chosen_point_is_ringed():
    clouds = by_class(POSITIONS, KNOWN, [(0, "wren")])
    figure = embedding_map(PLACE, clouds, WORDS, selected=frozenset({1, 4}), chosen=3, near=[0, 2])
    kept = {t.name: list(t.selectedpoints) for t in figure.data if t.name}
    assert kept == {"not learnt yet": [0], "other classes": [], "wren": [1]}
    near, ring = figure.data[-2:]
    assert (near.x.tolist(), ring.x.tolist()) == ([0, 0], [10])
    assert embedding_map(PLACE, clouds, WORDS).data[0].selectedpoints is None


def test_the_table_has_a_row_for_every_point():
    table = map_table(PLACE, [f"test:{i}" for i in range(5)], WORDS, TASKS, ["a"] * 5, np.full(5, np.nan))
    assert {len(column) for column in table.values()} == {5}
    assert table["task"] == [1, 1, 1, 2, 3]
    assert table["score"] == [None] * 5
