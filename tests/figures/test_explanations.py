"""Figures that explain one picture: bars that add up, the story, and forgetting divided."""

import numpy as np
import pytest

from engine.explain.contributions import Bars, Contributions, bars
from engine.explain.forgetting import PARTS, Forgotten
from engine.explain.story import Moment, Tip
from engine.figures.attribution import (
    forgotten_bars,
    forgotten_headline,
    forgotten_table,
    headline,
    restored_words,
    waterfall,
    waterfall_table,
)
from engine.figures.contributions import (
    AGAINST,
    FOR,
    adding_up,
    apart,
    contribution_bars,
    contributions_table,
    short,
    sum_line,
)
from engine.figures.look import QUIET
from engine.figures.story import RIGHT, WRONG, story_headline, story_line, story_table, tip_words

NAN = np.nan
FOUND = Bars((4, 1), ("hooked bill", "red <b>crown</b>"), np.array([2.0, -1.5]), 0.25, 3, -0.1, 0.65)


# -- contributions -----------------------------------------------------------------------------------------------------


def test_bars_are_signed_and_end_in_the_logit():
    (trace,) = contribution_bars(FOUND).data
    assert list(trace.x) == [2.0, -1.5, 0.25, -0.1, 0.65]
    assert list(trace.marker.color) == [FOR, AGAINST, QUIET, QUIET, QUIET]
    assert list(trace.text) == ["+2.00", "−1.50", "+0.25", "−0.10", "<b>+0.65</b>"]


def test_names_from_outside_draw_no_markup():
    figure = contribution_bars(FOUND)
    assert figure.layout.yaxis.ticktext[1] == "red &lt;b&gt;crown&lt;/b&gt;"
    assert "<b>crown" not in figure.data[0].hovertext[1]


def test_the_chosen_concept_is_outlined_and_no_other():
    assert list(contribution_bars(FOUND, chosen=1).data[0].marker.line.width) == [0, 3, 0, 0, 0]
    assert not any(contribution_bars(FOUND, chosen=7).data[0].marker.line.width)


def test_the_table_adds_up_line_by_line():
    table = contributions_table(FOUND)
    assert table["concept"] == ["hooked bill", "red <b>crown</b>", "sum of 3 others", "bias", "logit"]
    assert table["sum so far"] == [2.0, 0.5, 0.75, 0.65, 0.65]
    assert apart(FOUND) < 1e-12


def test_the_sum_in_words():
    assert sum_line(FOUND) == "0.50 (2 concepts) + 0.25 (sum of 3 others) − 0.10 (bias) = 0.65 (logit)"


@pytest.mark.parametrize("seed", range(30))
def test_what_is_printed_adds_up_and_is_off_by_one_in_the_last_place_at_most(seed):
    rng = np.random.default_rng(seed)
    parts = rng.normal(size=3) * 5
    shown = adding_up(parts, float(parts.sum()))
    assert round(sum(shown), 6) == round(float(parts.sum()), 2)
    assert np.abs(np.array(shown) - parts).max() <= 0.01 + 1e-9
    assert adding_up([1.004, 1.004, 1.004], 3.012) == pytest.approx([1.01, 1.0, 1.0])


def test_without_others_there_is_no_row_for_them():
    alone = bars(Contributions(np.array([1.0]), 0.5, 1.5), ["a"])
    assert len(contribution_bars(alone).data[0].x) == 3
    assert sum_line(alone) == "1.00 (1 concept) + 0.50 (bias) = 1.50 (logit)"


def test_long_names_are_cut_at_a_word():
    assert short("a bird with a very long and hooked bill indeed") == "a bird with a very long and…"
    assert len(short("x" * 80)) == 34


# -- story -------------------------------------------------------------------------------------------------------------

NAMES = ("crake", "rail", "owl")
ARRIVED = Tip(0, 2, True, 5, "black crown", 2.1, True)
DRIFTED = Tip(2, 0, False, 1, "red wing", 0.8, False)


def moment(task, predicted, right=True, known=True, tip=None, probability=0.7):
    return Moment(task, predicted, 0.8, known, right and known, probability if known else NAN, 1.0, tip)


STORY = (moment(0, 0), moment(1, 2, right=False, tip=ARRIVED, probability=0.2), moment(2, 0, tip=DRIFTED))


def test_right_is_a_dot_and_wrong_a_cross():
    line = story_line(STORY, NAMES, 1, 4).data[-1]
    assert (list(line.x), list(line.y)) == ([1, 2, 3], [0.7, 0.2, 0.7])
    assert list(line.marker.symbol) == ["circle", "x", "circle"]
    assert list(line.marker.color) == [RIGHT, WRONG, RIGHT]


def test_the_line_starts_where_the_class_was_learnt():
    line = story_line((moment(0, 1, known=False), moment(1, 2)), NAMES, 1, 4).data[-1]
    assert list(line.x) == [2]


def test_without_a_true_class_the_answer_is_drawn():
    unknown = [moment(t, p, known=False, tip=tip) for t, p, tip in ((0, 0, None), (1, 2, ARRIVED))]
    line = story_line(unknown, NAMES, 1, 4).data[-1]
    assert list(line.y) == [0.8, 0.8]
    assert list(line.marker.symbol) == ["circle", "diamond"]


@pytest.mark.parametrize(
    ("moments", "words"),
    [
        (STORY, "Recognised since task 3"),
        (STORY[:2], "Lost after task 2"),
        (STORY[:1], "Right in its first task"),
        ((moment(0, 0), moment(1, 0)), "Never forgotten"),
        ((moment(0, 1, right=False), moment(1, 1, right=False)), "Never recognised"),
        ((moment(0, 1, known=False), moment(1, 1, known=False)), "Taken for rail all along"),
        ((moment(0, 0, known=False), moment(1, 2, known=False, tip=ARRIVED)), "The answer changed once"),
    ],
)
def test_the_story_in_one_line(moments, words):
    assert story_headline(moments, NAMES) == words


def test_what_tipped_it_in_words():
    assert tip_words(ARRIVED, NAMES) == "owl arrived; most in its favour: new concept black crown +2.1"
    assert tip_words(DRIFTED, NAMES) == "red wing +0.8 for crake over owl"
    assert story_table(STORY, NAMES)["right"] == ["yes", "no", "yes"]


# -- forgetting --------------------------------------------------------------------------------------------------------

VALUES = np.array([0.5, -2.0, -1.0])  # from 1.0 to -1.5
SHARES = -VALUES / 2.5
PUT_BACK = np.array([False, True, True])


def test_the_waterfall_ends_where_the_margin_is_now():
    (trace,) = waterfall(VALUES, 1.0, -1.5, 2, 7).data
    assert list(trace.x) == [1.0, 0.5, -2.0, -1.0, -1.5]
    assert list(trace.base) == [0.0, 1.0, 1.5, -0.5, 0.0]  # each part starts where the one before ended
    assert trace.base[3] + trace.x[3] == trace.x[4]
    assert list(trace.marker.color) == [QUIET, FOR, AGAINST, AGAINST, QUIET]


def test_the_waterfalls_table():
    table = waterfall_table(VALUES, SHARES, PUT_BACK, 1.0, -1.5)
    assert table["part"] == ["margin then", *PARTS, "margin now"]
    assert table["share of the loss"] == [None, -0.2, 0.8, 0.4, None]
    assert table["right again if put back alone"] == ["", "no", "yes", "yes", ""]


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        (SHARES, "Head drift took 80 % of the margin; bottleneck drift worked against it"),
        (np.array([-0.4, 1.2, 0.2]), "Head drift took it all; bottleneck drift worked against it"),
        (np.array([0.2, 0.2, 0.6]), "New-class competition took 60 % of the margin"),
        (np.full(3, NAN), "Nothing was lost"),
    ],
)
def test_the_largest_share_in_words(shares, words):
    assert headline(shares) == words


def test_what_would_bring_it_back_in_words():
    assert restored_words(PUT_BACK) == "It would be right with the old head or the old classes alone."
    assert restored_words(np.array([True, False, False])) == "It would be right with the old bottleneck alone."
    assert restored_words(np.zeros(3, bool)) == "No part put back alone would make it right again."


LOST = Forgotten(20, 4, np.array([0.1, 0.7, 0.2]), np.array([0.0, 1.0, 0.5]), np.array([0, 3, 1]), 1.0, -1.0)
KEPT = Forgotten(20, 0, np.full(3, NAN), np.full(3, NAN), np.zeros(3, np.int64), NAN, NAN)


def test_tasks_that_lost_nothing_have_no_bars_but_a_line_in_the_table():
    figure = forgotten_bars([LOST, KEPT], [0, 1])
    assert [list(trace.y) for trace in figure.data] == [[0.1], [0.7], [0.2]]
    assert [trace.name for trace in figure.data] == list(PARTS)
    assert list(figure.data[0].x) == ["task 1<br>4 of 20"]
    table = forgotten_table([LOST, KEPT], [0, 1])
    assert table["of these wrong now"] == [4, 0]
    assert table["head drift"] == [0.7, None]


def test_the_whole_run_in_words():
    assert forgotten_headline(LOST) == "4 images forgotten, most by head drift"
    assert forgotten_headline(KEPT) == "No image that was recognised has been forgotten"
