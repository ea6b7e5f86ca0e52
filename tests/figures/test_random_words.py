"""The control in words: whichever way it comes out, it is said."""

import numpy as np
import pytest

from engine.figures import random_words as fig
from engine.figures.random_words import Compared

NAN = np.nan


def result(own=0.902, controls=(0.899, 0.899, 0.899), gap=None):
    run, control = np.full((3, 2, 2), NAN), np.full((3, len(controls), 2, 2), NAN)
    run[0, 0, 1] = own
    control[0, :, 0, 1] = controls
    found = {"splits": np.array(["test", "moved"]), "run": run, "control": control}
    return found if gap is None else found | {"gain": np.full((2, 2, 2, 3), [own - np.mean(controls), *gap])}


@pytest.mark.parametrize(
    ("own", "controls", "gap", "said"),
    [
        (0.902, (0.899, 0.899), (0.001, 0.005), "Random words reach 89.9 %; the concepts buy 0.3 points"),
        (0.90, (0.89, 0.89), (0.001, 0.019), "Random words reach 89.0 %; the concepts buy 1.0 point"),
        (0.90, (0.89, 0.89), (-0.001, 0.021), "Random words reach 89.0 %: no difference that the test images can show"),
        (0.85, (0.90, 0.88), (-0.09, 0.01), "Random words reach 89.0 %: no difference that the test images can show"),
        (0.90, (0.898, 0.904), (-0.01, 0.01), "Random words reach 90.1 %: in accuracy these concepts buy nothing"),
        (0.90, (0.90,), (-0.01, 0.01), "Random words reach 90.0 %: in accuracy these concepts buy nothing"),
        (0.85, (0.90, 0.88), (-0.06, -0.02), "Random words reach 89.0 %: these concepts cost 4.0 points"),
        (NAN, (0.9,), None, "Random words could not be compared"),
    ],
)
def test_the_verdict_is_whichever_is_found(own, controls, gap, said):
    assert fig.verdict(fig.compared(result(own, controls, gap), 0, "test", 1)) == said


def test_an_older_answer_without_an_interval_makes_no_claim():
    said = fig.verdict(fig.compared(result(0.95, (0.90,)), 0, "test", 1))
    assert said == "Random words reach 90.0 %, these concepts 95.0 %; this older answer cannot tell that from chance"


@pytest.mark.parametrize(
    ("own", "controls", "gap", "said"),
    [
        (0.77, (0.71, 0.76), None, "+3.5 points"),
        (0.77, (0.71, 0.76), (0.01, 0.06), "+3.5 points"),
        (0.77, (0.71, 0.76), (-0.01, 0.08), "+3.5 points, within chance"),
        (0.74, (0.71, 0.76), (0.001, 0.01), "+0.5 points, within chance"),
        (0.70, (0.71,), (-0.02, -0.001), "−1.0 point"),
        (0.70, (0.70,), (-0.01, 0.01), "no difference"),
        (NAN, (0.7,), None, "not known"),
    ],
)
def test_the_gain_says_whether_chance_explains_it(own, controls, gap, said):
    assert fig.gain_in_words(Compared(own, np.array(controls), gap)) == said


def test_the_interval_is_read_for_words_and_accuracies_only():
    found = result(0.9, (0.8,), (-0.012, 0.034)) | {"vectors": np.full((3, 1, 2, 2), 0.7)}
    assert fig.compared(found, 1, "test", 1).gap == (-0.012, 0.034)
    assert fig.compared(found, fig.CONCEPTS, "test", 1).gap is None
    assert fig.compared(found, 0, "test", 1, "vectors").gap is None
    assert fig.gap_in_words((-0.012, 0.034)) == "−1.2 to 3.4 points"


def test_the_spread_of_the_controls_is_told():
    assert fig.percents(np.array([0.898, 0.904])) == "90.1 % (89.8 to 90.4)"
    assert fig.percents(np.array([0.9])) == "90.0 %"
    assert fig.percents(np.array([NAN])) == "not known"


def test_lines_end_at_the_moment_and_the_band_spans_the_controls():
    found = result(controls=(0.8, 0.9))
    found["run"][0, 0], found["control"][0, :, 0] = [0.5, 0.9], [[0.4, 0.8], [0.6, 0.9]]
    figure = fig.control_lines(found, 0, "test", 1)
    assert list(figure.data[0].y) == [0.6, 0.9, 0.8, 0.4]
    np.testing.assert_allclose(figure.data[1].y, [0.5, 0.85])
    assert list(figure.data[2].y) == [0.5, 0.9]
    assert len(fig.control_lines(found, 0, "test", 0).data[2].y) == 1


def test_all_controls_stand_side_by_side():
    found = result(controls=(0.8, 0.9)) | {"vectors": np.full((3, 1, 2, 2), 0.7), "elsewhere": np.zeros((3, 0, 2, 2))}
    assert fig.present(found) == ("control", "vectors") and fig.present(result()) == ("control",)
    assert fig.compared(found, 0, "test", 1, "vectors").mean == pytest.approx(0.7)
    assert not Compared(0.9, np.zeros(0)).is_known
    figure = fig.control_lines(found, 0, "test", 1)
    assert [trace.name for trace in figure.data[1:]] == ["random words", "random vectors", "these concepts"]
    assert list(figure.data[2].y) == [0.7, 0.7]
    assert list(fig.control_table(found, 1))[-3:] == ["random words 1", "random words 2", "random vectors 1"]


def test_the_table_holds_every_number():
    table = fig.control_table(result(), 1)
    assert len(table["measure"]) == 3 * 2 * 2
    row = list(zip(*table.values(), strict=True))[1]
    assert row == ("Accuracy", "test", 2, 0.902, 0.899, 0.899, 0.899)
