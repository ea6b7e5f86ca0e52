"""What stands beside every bottleneck, in words and numbers."""

import numpy as np
import pytest

from engine.exhibits.concepts import beside
from tests.pages import concept_runs as runs


def test_few_concepts_are_told_with_both_heads_and_against_random_words():
    shown = beside.sparse(runs.sparse(), "test", ("Nearest class mean", 0.95))
    assert shown.headline.startswith(
        "With 5 to 30 concepts a class 72.5 % are right on average, 42.5 % with its own head"
    )
    assert shown.headline.endswith("at 5, 20.0 points more than random words")
    table = shown.table()
    assert table["concepts a class"] == [5, 10, 15, 20, 25, 30] and table["own head pruned"][0] == 0.4
    assert len(shown.figure.data) == 5 and set(shown.figure.data[-1].y) == {0.95}


def test_random_words_that_are_as_good_are_said_to_be_and_may_be_missing():
    assert beside.sparse(runs.sparse(gain=0.02), "test", None).headline.endswith("random words are as good at 5")
    alone = {name: array for name, array in runs.sparse().items() if name != "gain"}
    alone |= {name: np.zeros((0, 6, 2)) for name in ("random_pruned", "random_refitted")}
    assert len(beside.sparse(alone, "moved", None).figure.data) == 2


@pytest.mark.parametrize(
    ("truth", "calls", "said"),
    [
        (
            0.1,
            0.2,
            "10.0 points more than the truth of their concepts: the class leaks; 20.0 points are in their shades",
        ),
        (-0.1, 0.2, "Scores tell no more than the truth of their concepts; 20.0 points are in their shades"),
        (0.0, 0.0, "Scores tell no more than the truth of their concepts, nor than present and absent"),
    ],
)
def test_what_leaks_is_told_where_the_interval_leaves_out_zero(truth, calls, said):
    shown = beside.leakage(runs.leakage(truth, calls), "test")
    assert said in shown.headline
    assert shown.table()["scores minus it"] == [None, pytest.approx(calls), pytest.approx(truth)]


def test_lost_relations_name_the_task_that_lost_most():
    found = runs.relations(tasks=3)
    assert beside.relations(found, "linear").headline == (
        "Concepts tell the classes of their time 15 points worse; those of task 1 lost most"
    )
    assert beside.relations(found, "kept").headline.startswith("Classes keep 0.70 of the likeness of their weights")
    assert "as well as ever" in beside.relations(runs.relations(lost=0.0), "linear").headline
    assert "before the second task" in beside.relations(runs.relations(tasks=1), "kept").headline
