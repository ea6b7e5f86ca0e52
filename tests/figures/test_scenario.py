"""Figures about edits: their words, their traces, their twins."""

from __future__ import annotations

import numpy as np
import pytest

from engine.figures.comparison import side_by_side, side_by_side_table
from engine.figures.scenario import (
    before_after,
    before_after_table,
    by_task,
    change,
    headline,
    repair_plane,
    repair_table,
    splits_headline,
    tenths,
)
from engine.figures.survival import survival, survival_table, survival_words

EVIL = "<img src=x onerror=alert(1)>"


def texts(figure) -> str:  # type: ignore[no-untyped-def]
    return str(figure.to_json())


@pytest.mark.parametrize(
    ("difference", "points", "digits"),
    [
        (0.14, "+14.0 points", "+14.0"),
        (-0.025, "−2.5 points", "−2.5"),
        (0.004, "+0.4 points", "+0.4"),
        (-0.0002, "0.0 points", "0.0"),
    ],
)
def test_differences_have_a_sign_and_a_unit(difference: float, points: str, digits: str) -> None:
    assert (change(difference), tenths(difference)) == (points, digits)


def test_findings_in_words() -> None:
    assert headline(61, 12, "validation") == "Corrects 61 and breaks 12 images: validation"
    assert headline(0, 0, "validation") == "Changes no prediction: validation"
    assert splits_headline([0.93, 0.67], [0.91, 0.81], True) == "Validation −2.0 points, elsewhere +14.0 points"
    assert splits_headline([0.93], [0.93], False) == "The run gets 93 % of validation right"


def test_before_and_after_are_two_shapes_and_one_where_nothing_changed() -> None:
    names, before, after = ["a", EVIL], np.array([0.9, 0.6]), np.array([0.88, 0.8])
    figure = before_after(names, before, after)
    shapes = [trace.marker.symbol for trace in figure.data if trace.mode == "markers"]
    assert shapes == ["circle", "diamond"] and EVIL not in texts(figure)
    assert figure.layout.yaxis.ticktext[1].endswith("<br>60.0 % → <b>80.0 %</b> (+20.0)")
    same = before_after(names, before, before)
    assert [t.marker.symbol for t in same.data if t.mode == "markers"] == ["circle"]
    counts = np.array([5, 4])
    assert before_after_table(names, counts, before, after, counts, counts)["edited"] == [0.88, 0.8]


def test_tasks_go_up_for_corrected_and_down_for_broken() -> None:
    figure = by_task(np.array([3, 0]), np.array([1, 2]), np.array([10, 10]))
    assert [list(bar.y) for bar in figure.data] == [[3, 0], [-1, -2]]


def test_the_offer_stands_out_and_what_cannot_be_done_is_not_drawn() -> None:
    ordinary, moved = np.array([0.9, np.nan, 0.88]), np.array([0.6, np.nan, 0.8])
    figure = repair_plane(["the run", "impossible", EVIL], ordinary, moved, 2, (0.89, 0.7))
    assert len(figure.data[0].x) == 2 and EVIL not in texts(figure)
    assert [note.text for note in figure.layout.annotations[1:]] == ["<b>the run</b>", "<b>offered</b>"]
    table = repair_table(["a", "b", "c"], ["val"], ordinary[:, None], np.array([1, np.nan, 3.0]), ["", "why", ""])
    assert table["val"] == [0.9, None, 0.88] and table["why not"] == ["", "why", ""]


def test_side_by_side_marks_where_the_run_stands() -> None:
    accuracy = np.array([[0.9, 0.6], [0.88, 0.8]])
    figure = side_by_side(["The run", EVIL], ["val", "moved"], accuracy)
    assert [shape.x0 for shape in figure.layout.shapes] == [0.9, 0.6] and EVIL not in texts(figure)
    assert side_by_side_table(["The run", "x"], ["val", "moved"], accuracy, [0, 1])["edits without effect"] == [0, 1]


def test_survival_in_words_and_lines() -> None:
    tasks, kept, alone = np.array([3, 4, 7]), np.array([61, 50, 48]), np.array([0, 20, 18])
    assert survival_words(tasks, 61, kept) == "Of 61 corrected images 48 are still right after task 8"
    trained_on = survival_words(tasks, 61, kept, np.array([61, 30, 23]))
    assert trained_on == "Of 61 corrected images 48 are still right after task 8; trained on instead, 23"
    assert survival_words(tasks, 1, np.array([1, 1, 1])) == "Of 1 corrected image 1 is still right after task 8"
    assert survival_words(tasks[:1], 61, kept[:1]) == "61 images were corrected, and no later task is finished"
    assert survival_words(tasks, 0, kept * 0) == "The edits corrected no image here"
    trained = np.array([61, 22, -1])  # the fork has not come so far
    figure = survival(tasks, 61, kept, alone, trained)
    assert [len(line.x) for line in figure.data] == [3, 2, 3]
    assert survival_table(tasks, kept, alone, trained, {}, kept)["right, trained on"] == [61, 22, None]
    assert len(survival(tasks, 61, kept, alone, None).data) == 2
