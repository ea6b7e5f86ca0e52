"""Forgetting: the lines, the marked drop, and the words."""

import numpy as np

from engine.figures.forgetting import (
    forgetting_lines,
    forgetting_table,
    mean_headline,
    old_new_headline,
    old_new_lines,
    old_new_table,
)
from engine.figures.look import DROP, ORDINARY
from engine.figures.recall import recall_line, recall_table

NAN = np.nan


def matrix(*rows: list[float]) -> np.ndarray:
    return np.array([row + [NAN] * (len(rows[-1]) - len(row)) for row in rows])


FELL = matrix([0.9], [0.88, 0.8], [0.7, 0.8, 0.9])  # task 1: 0.9 -> 0.88 -> 0.70


def test_each_task_is_a_line_from_the_moment_it_was_learnt() -> None:
    lines = [t for t in forgetting_lines(FELL).data if t.name.startswith("task")]
    assert [list(line.x) for line in lines] == [[1, 2, 3], [2, 3], [3]]
    np.testing.assert_allclose(lines[0].y, [0.9, 0.88, 0.7])
    assert [line.line.color == ORDINARY for line in lines] == [True, False, False]


def test_the_largest_fall_is_marked_with_its_size() -> None:
    figure = forgetting_lines(FELL)
    drop = next(t for t in figure.data if t.name == "drop")
    assert (list(drop.x), list(drop.y), drop.line.color) == ([2, 3], [0.88, 0.7], DROP)
    assert [a.text for a in figure.layout.annotations] == ["<b>\N{MINUS SIGN}18</b> task 1"]


def test_a_chosen_task_stands_out_instead() -> None:
    lines = {t.name: t for t in forgetting_lines(FELL, task=1).data}
    assert lines["task 2"].line.color == ORDINARY
    assert "drop" not in lines  # task 2 lost nothing


def test_an_unfinished_matrix_draws_what_is_known() -> None:
    early = FELL.copy()
    early[2] = NAN
    assert [list(t.x) for t in forgetting_lines(early).data if t.name.startswith("task")] == [[1, 2], [2]]
    assert not forgetting_lines(np.full((3, 3), NAN)).data


def test_the_table_holds_what_the_lines_show() -> None:
    table = forgetting_table(FELL)
    assert table["task"] == [1, 2]
    assert (table["best"], table["now"]) == ([0.9, 0.8], [0.7, 0.8])
    assert (table["lost"], table["after task"]) == ([0.2, 0.0], [3, None])


def test_old_and_new_are_named_and_compared() -> None:
    old, new = np.array([NAN, 0.7]), np.array([0.9, 0.8])
    figure = old_new_lines(old, new, tasks=4)
    assert {t.name: list(t.y) for t in figure.data} == {"new classes": [0.9, 0.8], "old classes": [0.7]}
    assert tuple(figure.layout.xaxis.tickvals) == (1, 2, 3, 4)
    assert old_new_headline(old, new) == "New classes are 10 points ahead"
    assert old_new_headline(old[:1], new[:1]) == "Old and new can be compared from the second task on"
    assert old_new_headline(np.array([NAN, 0.8]), new) == "Old and new classes do equally well"


def test_zero_shot_is_drawn_beside_old_and_new_where_it_is_known() -> None:
    old, new, named = np.array([NAN, 0.7]), np.array([0.9, 0.8]), np.array([0.5, 0.4])
    figure = old_new_lines(old, new, 4, named)
    assert list(figure.data[2].y) == [0.5, 0.4] and "zero-shot" in figure.data[2].name
    assert any("by name alone 40 %" in note.text for note in figure.layout.annotations)
    assert len(old_new_lines(old, new, 4, np.array([NAN, NAN])).data) == 2
    assert old_new_table(old, new, named)["new classes, zero-shot CLIP"] == [0.5, 0.4]
    assert list(old_new_table(old, new)) == ["after task", "old classes", "new classes"]


def test_the_mean_in_words() -> None:
    assert mean_headline(0.052) == "Earlier tasks lost 5.2 points on average"
    assert mean_headline(-0.02) == "Earlier tasks gained 2.0 points on average"
    assert mean_headline(0.001) == "Earlier tasks held their ground"
    assert mean_headline(NAN) == "Every task over time"


def test_recall_starts_when_the_class_was_learnt() -> None:
    figure = recall_line(np.array([NAN, 0.9, 0.6]), moment=1)
    assert (list(figure.data[0].x), list(figure.data[0].y)) == ([2, 3], [0.9, 0.6])
    assert figure.layout.shapes[0].x0 == 2
    assert recall_table(np.array([NAN, 0.9]))["recognised"] == [None, 0.9]
