"""What a search takes and whether it takes it again, on choices made up by hand (see `concept_runs.search`)."""

import numpy as np
import pytest

from engine.figures import search as fig
from tests.pages import concept_runs


def test_shares_by_kind_and_likeness():
    found = fig.searched(concept_runs.search(), 3)
    assert found.kinds == ("true", "wrong", "useless")
    assert found.offered.tolist() == [0.5, 0.25, 0.25] and found.chosen.tolist() == [[1, 0, 0], [0.5, 0.5, 0]]
    assert found.off() == (0.25, 0.5)
    np.testing.assert_allclose(found.alike, [1 / 3] * 4)
    np.testing.assert_allclose(found.chance, [7 / 18] * 4)
    assert len(fig.searched(concept_runs.search(), 1).alike) == 2  # up to the moment


def test_words_follow_the_numbers():
    one = concept_runs.search()
    found = fig.searched(one, 3)
    assert fig.kinds_words(found) == "25 % of the chosen texts are wrong or say nothing, of those offered 50 %"
    assert fig.stability_words(found) == (
        "In task 1, with most to choose from, two seeds share 33 % of their concepts, by chance 39 %"
    )
    steady = fig.searched(one | {"chosen": np.repeat(one["chosen"][1:], 2, axis=0)}, 3)
    assert fig.stability_words(steady) == "Every seed chooses the same concepts"
    assert fig.kinds_words(steady).startswith("The search avoids nothing: 50 %")
    unknown = fig.searched(one | {"kind": np.full(16, "not known")}, 3)
    assert fig.kinds_words(unknown) == "Nobody knows which of these texts are true"


def test_figures_and_tables_hold_the_same_numbers():
    found = fig.searched(concept_runs.search(), 3)
    bars, table = fig.kinds_bars(found), fig.kinds_table(found)
    assert list(bars.data[0].y) == table["of the candidates"] == [0.5, 0.25, 0.25]
    assert list(bars.data[1].y) == [0.75, 0.25, 0.0] and list(bars.data[1].error_y.array) == [0.25, 0.25, 0.0]
    lines, twin = fig.stability_lines(found), fig.stability_table(found)
    assert list(lines.data[0].y) == pytest.approx(twin["two seeds"], abs=1e-4)
    assert list(lines.data[1].y) == pytest.approx(twin["random choices"], abs=1e-4) and twin["task"] == [1, 2, 3, 4]


def test_stability_is_told_of_the_task_with_most_to_choose():
    one = concept_runs.search()
    kept = one["chosen"].copy()
    kept[:, :3] = True  # the first task keeps nearly all
    kept[:, 3] = False
    told = fig.stability_words(fig.searched(one | {"chosen": kept}, 3))
    assert told.startswith("In task 2, ") and "two seeds share 33 %" in told
