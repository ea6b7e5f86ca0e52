"""The proof of unlearning in words, from numbers chosen by hand."""

from __future__ import annotations

import numpy as np
import pytest

from engine.drawing.export import drawing
from engine.exhibits.repair.unlearning import MODELS, exhibit


def proof(exact=True, apart=(0.0, 2e-15), auc=(0.7, 0.5, 0.5), low=(0.6, 0.4, 0.4)):
    return {
        "part": np.array(["rows", "logits"]),
        "difference": np.array(apart),
        "size": np.array([0.5, 20.0]),
        "exact": np.array(exact),
        "split": np.array(["test", "moved"]),
        "kept": np.array([[0.912, 0.934, 0.934], [0.5, 0.625, 0.625]]),
        "auc": np.array(auc),
        "low": np.array(low),
        "high": np.array(auc) + 0.1,
        "members": np.array(90),
        "strangers": np.array(40),
    }


def test_one_sentence_has_the_difference_what_is_kept_and_what_can_be_told():
    shown = exhibit(proof(), 2)
    assert shown.headline == (
        "As if never seen, to 2e-15: 91.2 % of what is kept were right before and 93.4 % are now; a membership test "
        "told what was learnt and tells no more (AUC 0.70 before, 0.50 now, 0.50 trained without)"
    )
    assert "after task 3: 90 forgotten training images against 40 test images" in shown.caption
    assert "They differ most in logits, by 2e-15 where the largest number is 20" in shown.caption


@pytest.mark.parametrize(
    ("low", "said"),
    [
        ((0.4, 0.4, 0.4), "finds no sign of it, now or before"),
        ((0.6, 0.6, 0.4), "still tells what was forgotten"),
        ((0.6, 0.6, 0.6), "tells them apart, but also of a model that never saw them"),
    ],
)
def test_only_what_the_interval_leaves_no_doubt_of_is_told(low, said):
    assert said in exhibit(proof(low=low), 0).headline


def test_what_is_not_exact_is_called_so():
    shown = exhibit(proof(exact=False, apart=(0.25, 0.5)), 1)
    assert shown.headline.startswith("Not exact, it differs from a training without by up to 2e-01")  # rows: 0.25 of 1
    assert exhibit(proof(apart=(0.0, 0.0)), 1).headline.startswith("As if never seen, to the last digit")


def test_every_number_is_in_the_table_and_a_test_that_tells_is_marked():
    shown = exhibit(proof(), 2)
    table = shown.table()
    assert table["model"] == list(MODELS) and table["membership test, AUC"] == [0.7, 0.5, 0.5]
    assert (table["from"], table["to"]) == ([0.6, 0.4, 0.4], [0.8, 0.6, 0.6])
    assert table["right on what is kept, habitats moved"] == [0.5, 0.625, 0.625]
    (marks,) = shown.figure.data
    assert len(set(marks.marker.color)) == 2 and marks.marker.color[1] == marks.marker.color[2]
    assert "Trained without" in drawing(shown.figure)
