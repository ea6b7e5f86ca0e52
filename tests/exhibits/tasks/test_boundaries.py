"""What was noticed of tasks that nobody announced, and who was asked, from numbers chosen by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engine.drawing.export import drawing
from engine.exhibits.tasks.boundaries import alarms, routing, stream


def noticed(boundary=(0, 30, 60), delay=(0, 2, -1), step=(32, 45), loss=90):
    delay = np.array(delay)
    return {
        "split": np.array(["val", "test"]),
        "loss": np.linspace(1, 2, loss),
        "bound": np.r_[np.full(10, np.nan), np.full(loss - 10, 1.5)],
        "boundary": np.array(boundary),
        "delay": delay,
        "step": np.array(step, np.int64),
        "false_alarms": np.array(len(step) - int((delay[1:] >= 0).sum())),
        "lessons": np.zeros((3, 6)),
        "routing": np.array([[1.0, 1.0, 1.0], [1.0, 0.75, 0.25]]),
        "answered": np.array([[1.0, 1.0, 1.0], [1.0, 0.5, 0.6]]),
        "sent": np.array([[1.0, 1.0, 1.0], [1.0, 0.5, 0.5]]),
        "told": np.array([[1.0, 1.0, 1.0], [1.0, 1.0, 0.7]]),
    }


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (noticed(), "it noticed 1 of 2, the slowest after 2 steps; 1 false alarm"),
        (noticed(delay=(0, 0, 0), step=(30, 60)), "it noticed 2 of 2, all at once; no false alarm"),
        (noticed(delay=(0, -1, -1), step=(5, 6)), "it noticed 0 of 2; 2 false alarms"),
        (noticed(boundary=(0,), delay=(0,), step=()), "There was one task, so nothing was to be noticed; no false"),
    ],
)
def test_what_was_noticed_is_counted_in_words(found, said):
    assert said in stream(found).headline


def test_a_switch_is_the_first_of_its_task_or_a_false_alarm():
    found = noticed(boundary=(0, 30, 60), delay=(0, 2, 0), step=(7, 32, 33, 60))
    assert alarms(found["boundary"], found["delay"], found["step"]) == [True, False, True, False]


def test_boundaries_are_lines_and_switches_marks_on_the_loss():
    shown = stream(noticed())
    assert [shape.x0 for shape in shown.figure.layout.shapes] == [30, 60]
    _, _, right, wrong = shown.figure.data
    assert list(right.x) == [32] and list(wrong.x) == [45] and right.y[0] == pytest.approx(1 + 32 / 89)
    assert "false alarm" in drawing(shown.figure)
    table = shown.table()
    assert table["began at step"] == [0, 30, 60, None] and table["noticed after steps"] == [None, 2, None, 1]


def test_of_a_long_stream_every_switch_is_drawn():
    line = stream(noticed(boundary=(0, 30_001, 60_003), step=(30_003, 45_007), loss=90_000)).figure.data[0]
    assert {30_001, 30_003, 45_007, 60_003} <= set(line.x.tolist()) and len(line.x) < 2100


def test_who_is_asked_decides_and_that_is_told():
    shown = routing(noticed(), "test")
    assert shown.headline == (
        "67 % of test images find the expert that knows their class; 70 % are right, and 90 % would be if it were told"
    )
    assert list(shown.figure.data[2].y) == [1.0, 0.75, 0.25] and shown.key == "expert-routing-test"
    assert shown.table()["right by the expert it is sent to"] == [1.0, 0.5, 0.5]
    assert "sent to the right expert" in drawing(shown.figure)
