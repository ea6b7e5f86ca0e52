"""Accuracy and confusion matrices: data in, traces out."""

import numpy as np

from engine.figures.confusion import confusion_matrix, confusion_table, mistakes, worst_mixup
from engine.figures.look import labelled
from engine.figures.matrix import accuracy_matrix, accuracy_table

NAN = np.nan
MATRIX = np.array([[0.9, NAN, NAN], [0.6, 0.8, NAN], [NAN, NAN, NAN]])


def test_the_scale_is_fixed_whatever_the_values_are() -> None:
    heat = accuracy_matrix(MATRIX).data[0]
    assert (heat.zmin, heat.zmax) == (0, 1)
    np.testing.assert_array_equal(heat.z, MATRIX)


def test_of_a_hundred_tasks_as_many_have_their_number_as_there_is_room_for() -> None:
    assert accuracy_matrix(MATRIX).layout.xaxis.ticktext == ("1", "2", "3")
    assert [len(labelled(count)) for count in (0, 1, 50, 51, 100, 101)] == [0, 1, 50, 26, 50, 34]
    many = accuracy_matrix(np.full((100, 100), NAN)).layout
    assert many.xaxis.ticktext == many.yaxis.ticktext and len(many.xaxis.ticktext) == 100
    assert many.xaxis.ticktext[:4] == ("1", "", "3", "")


def test_every_known_cell_has_its_value_and_can_be_clicked() -> None:
    figure = accuracy_matrix(MATRIX)
    assert [(a.y, a.x, a.text) for a in figure.layout.annotations] == [(0, 0, "90"), (1, 0, "60"), (1, 1, "80")]
    clicks = figure.data[1]
    assert list(zip(clicks.y, clicks.x, strict=True)) == [(0, 0), (1, 0), (1, 1)]
    assert clicks.marker.opacity == clicks.unselected.marker.opacity == 0
    assert clicks.text[1] == "after task 2, task 1: 60.0 %"
    assert clicks.hoverinfo != "skip"  # that would swallow the click


def test_cells_still_to_come_are_drawn_faintly_and_never_above_the_diagonal() -> None:
    waiting = np.isfinite(np.asarray(accuracy_matrix(MATRIX).data[2].z, float))
    np.testing.assert_array_equal(waiting, [[0, 0, 0], [0, 0, 0], [1, 1, 1]])


def test_the_first_task_is_on_top_and_the_chosen_cell_is_outlined() -> None:
    figure = accuracy_matrix(MATRIX, chosen=(1, 0))
    assert tuple(figure.layout.yaxis.range) == (2.5, -0.5)
    box = figure.layout.shapes[0]
    assert (box.x0, box.x1, box.y0, box.y1) == (-0.5, 0.5, 0.5, 1.5)


def test_a_large_matrix_keeps_its_values_for_hover_and_table() -> None:
    figure = accuracy_matrix(np.tril(np.full((30, 30), 0.5)) + np.triu(np.full((30, 30), NAN), 1))
    assert not figure.layout.annotations
    assert len(figure.data[1].text) == 30 * 31 / 2


def test_accuracy_table_is_the_matrix() -> None:
    table = accuracy_table(MATRIX)
    assert table["moment"] == ["after task 1", "after task 2", "after task 3"]
    assert table["task 1"] == [0.9, 0.6, None]


COUNTS = np.array([[6, 4, 0], [0, 5, 0], [2, 1, 7]])


def test_confusion_is_drawn_as_shares_of_rows_and_listed_as_counts() -> None:
    figure = confusion_matrix(COUNTS, ["a", "b", "c"], axis="class")
    np.testing.assert_allclose(figure.data[0].z[2], [0.2, 0.1, 0.7])
    assert confusion_table(COUNTS, ["a", "b", "c"], "class")["taken for b"] == [4, 5, 1]


def test_only_what_happened_can_be_clicked_in_a_confusion_matrix() -> None:
    clicks = confusion_matrix(COUNTS, ["a", "b", "c"], axis="class").data[1]
    assert list(zip(clicks.y, clicks.x, strict=True)) == [(0, 0), (0, 1), (1, 1), (2, 0), (2, 1), (2, 2)]


def test_markup_in_a_name_stays_text() -> None:
    figure = confusion_matrix(COUNTS, ["<b>a</b>", "b", "c"], axis="class")
    assert "<b>" not in figure.to_json().replace("\\u003c", "<")
    assert figure.layout.xaxis.ticktext[0] == "&lt;b&gt;a&lt;/b&gt;"


def test_mistakes_are_ordered_and_leave_out_the_class_itself() -> None:
    assert mistakes(COUNTS, 2) == [(0, 0.2), (1, 0.1)]
    assert mistakes(COUNTS, 1) == []
    assert worst_mixup(COUNTS) == (0, 1)
    assert worst_mixup(np.diag([3, 3])) is None


def test_a_class_without_images_has_no_shares() -> None:
    assert mistakes(np.zeros((2, 2), np.int64), 0) == []
