"""The accuracy matrix in small: its cells, its colours and its words."""

from __future__ import annotations

from urllib.parse import unquote
from xml.etree import ElementTree

import numpy as np
import pytest

from engine.figures.thumbnail import thumbnail, told

NAN = np.nan


def rects(matrix: np.ndarray) -> list[dict[str, str]]:
    kind, _, body = thumbnail(matrix).partition(",")
    assert kind == "data:image/svg+xml"
    return [dict(node.attrib) for node in ElementTree.fromstring(unquote(body))]


def test_a_cell_for_every_value_and_a_faint_one_for_every_value_to_come() -> None:
    found = rects(np.array([[1.0, NAN], [NAN, NAN]]))
    assert [(rect["x"], rect["y"]) for rect in found] == [("0", "0"), ("0", "10"), ("10", "10")]
    assert ["opacity" in rect for rect in found] == [False, True, True]


def test_colours_are_those_of_the_scale_fixed_from_0_to_1() -> None:
    low, high = (rects(np.array([[value]]))[0]["fill"] for value in (0.0, 1.0))
    assert (low, high) == ("rgb(68,1,84)", "rgb(253,231,37)")  # the ends of Viridis


def test_an_empty_matrix_is_an_empty_picture() -> None:
    assert rects(np.zeros((0, 0))) == []


@pytest.mark.parametrize(
    ("matrix", "words"),
    [
        ([[NAN, NAN], [NAN, NAN]], "No task is finished yet"),
        ([[0.9, NAN], [NAN, NAN]], "Task 1 is at 90 % after 1 of 2 tasks"),
        (
            [[0.9, NAN], [0.6, 0.8]],
            "Task 1 is at 60 % after 2 of 2 tasks. Task 1 lost 30 points, when task 2 was learnt",
        ),
    ],
)
def test_the_words_say_what_the_picture_shows(matrix: list[list[float]], words: str) -> None:
    assert told(np.array(matrix)) == words
