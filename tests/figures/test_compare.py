"""Runs side by side: lines with spread, matrices subtracted, numbers with their spread, LaTeX."""

import numpy as np
import pytest

from engine.figures.compare import (
    Line,
    ahead,
    compare_lines,
    difference_headline,
    difference_matrix,
    difference_table,
    lines_table,
    with_spread,
)
from engine.figures.latex import to_latex

ONE = Line("one", np.array([[1.0, 0.8, np.nan]]))
SEEDS = Line("<b>seeds</b>", np.array([[0.9, 0.7], [0.7, 0.5]]))


def test_a_band_is_drawn_for_several_runs_only():
    figure = compare_lines([ONE, SEEDS], "Accuracy")
    bands = [trace for trace in figure.data if trace.fill == "toself"]
    assert len(bands) == 1
    deviation = np.std([0.9, 0.7], ddof=1)
    np.testing.assert_allclose(bands[0].y[:2], [0.8 + deviation, 0.6 + deviation])
    names = [trace.name for trace in figure.data if trace.fill is None]
    assert names == ["one", "&lt;b&gt;seeds&lt;/b&gt;"]
    assert len({trace.line.dash for trace in figure.data if trace.fill is None}) == 2


def test_what_is_not_known_is_not_drawn():
    (line,) = compare_lines([ONE], "Accuracy").data
    assert list(line.x) == [1, 2]


def test_the_table_pads_shorter_runs():
    table = lines_table([ONE, SEEDS])
    assert table["after task"] == [1, 2, 3]
    assert table["1: one"] == [1.0, 0.8, None]
    assert table["2: standard deviation of 2"] == [pytest.approx(0.1414), pytest.approx(0.1414), None]


def test_differences_are_symmetric_about_zero_and_written_with_their_sign():
    difference = np.array([[0.1, np.nan], [-0.2, 0.0]])
    figure = difference_matrix(difference)
    assert (figure.data[0].zmin, figure.data[0].zmax) == (-0.2, 0.2)
    assert [a.text for a in figure.layout.annotations] == ["+10", "−20", "0"]
    assert difference_table(difference)["task 1"] == [0.1, -0.2]


def test_tiny_differences_do_not_fill_the_scale():
    assert difference_matrix(np.array([[0.01]])).data[0].zmax == 0.05


def test_headlines_say_who_is_ahead():
    down = np.array([[0.5, np.nan], [-0.03, -0.01]])
    assert difference_headline("B", "A", down) == "B ends 2.0 points behind A"
    assert difference_headline("B", "A", -down) == "B ends 2.0 points ahead of A"
    assert difference_headline("B", "A", np.zeros((1, 1))) == "B and A end level"
    better = Line("better", np.array([[0.9, 0.9]]))
    assert ahead([ONE], lower_is_better=False) == "one ends at 80.0 %"
    nothing = Line("nothing", np.full((1, 1), np.nan))
    assert ahead([nothing], lower_is_better=True) == "With a single task there is none"
    assert ahead([nothing, ONE], lower_is_better=True) == "one ends at 80.0 %"
    assert ahead([ONE, better], lower_is_better=False) == "better ends at 90.0 %, one at 80.0 %"
    assert ahead([ONE, better], lower_is_better=True).startswith("one ends at")
    assert ahead([ONE, SEEDS], lower_is_better=False).startswith("one ends at")
    close = Line("close", np.array([[0.6, 0.62], [0.6, 0.60]]))
    assert ahead([SEEDS, close], lower_is_better=False).endswith("within the spread of their seeds")


@pytest.mark.parametrize(
    ("values", "unit", "told"),
    [
        ([0.905, 0.911, 0.899], "percent", "90.5 ± 0.6"),
        ([-0.054], "points", "−5.4"),
        ([0.054], "points", "+5.4"),
        ([55.94], "seconds", "55.9"),
        ([np.nan, 0.5], "percent", "not known"),
    ],
)
def test_numbers_are_written_with_their_spread(values, unit, told):
    assert with_spread(np.array(values), unit) == told


def test_latex_escapes_everything():
    table = {"name & more": ["50 % \\input{x}_y", "a\nb"], "value": [1.5, None]}
    assert to_latex(table) == (
        "\\begin{tabular}{lr}\n\\toprule\nname \\& more & value \\\\\n\\midrule\n"
        "50 \\% \\textbackslash{}input\\{x\\}\\_y & 1.5 \\\\\na b & -- \\\\\n\\bottomrule\n\\end{tabular}\n"
    )
