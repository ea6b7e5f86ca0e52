"""What each preference reaches, from numbers chosen by hand."""

from __future__ import annotations

import numpy as np

from engine.drawing.export import drawing
from engine.exhibits.missing import Missing
from engine.exhibits.tasks.preferences import exhibit, own, reached


def front(declared=0.25, old=(0.9, 0.8, 0.8, 0.7, 0.4)):
    newest, every = np.array([0.0, 0.5, 0.6, 0.9, 0.9]), np.array([0.6, 0.7, 0.75, 0.78, 0.5])
    return {
        "split": np.array(["val", "test"]),
        "preference": np.linspace(0, 1, 5),
        "old": np.array([old, old]),
        "newest": np.array([newest, newest]),
        "every": np.array([every, every]),
        "front": np.array([[True] * 5, [True, False, True, True, False]]),
        "declared": np.array(declared),
    }


def test_the_runs_own_preference_is_told_and_whether_another_beats_it():
    beaten = exhibit(front(), "test")
    assert beaten.headline == (
        "Its preference gets 80 % of earlier tasks and 50 % of the newest right; another gets more of one and loses "
        "nothing of the other"
    )
    assert exhibit(front(0.5), "test").headline.endswith("no other gets more of one without losing some of the other")
    assert own(front(0.6)) == 2 and own(front(0.63)) == 3  # the one that was tried and lies nearest


def test_the_front_is_a_line_from_old_to_new_and_both_choices_are_marked():
    shown = exhibit(front(), "test", 3)
    off, on, mine, chosen = shown.figure.data
    assert list(on.x) == [0.7, 0.8, 0.9] and list(on.y) == [0.9, 0.6, 0.0] and list(off.x) == [0.8, 0.4]
    assert (mine.x[0], mine.y[0], chosen.x[0], chosen.y[0]) == (0.8, 0.5, 0.7, 0.9)
    assert len(exhibit(front(), "test").figure.data) == 3
    assert "Pareto front" in drawing(shown.figure)
    table = shown.table()
    assert table["on the front"] == ["yes", "no", "yes", "yes", "no"] and table["this run's"][1] == "yes"
    assert table["newest counts"] == [0, 0.25, 0.5, 0.75, 1] and table["all"] == [0.6, 0.7, 0.75, 0.78, 0.5]


def test_a_preference_is_told_against_the_runs_own():
    assert reached(front(), "test", 3) == (
        "If the newest task counts 75 %, 70.0 % of earlier tasks are right, 90.0 % of the newest, 78.0 % of all: 10.0 "
        "points less, 40.0 points more and 8.0 points more against this run. Nothing is trained for it."
    )
    assert ": no change, 10.0 points more and 5.0 points more against" in reached(front(), "test", 2)
    assert reached(front(), "test", 1).endswith("70.0 % of all. So this run answers.")


def test_where_nothing_is_old_there_is_nothing_to_prefer():
    assert isinstance(exhibit(front(old=[np.nan] * 5), "test"), Missing)
