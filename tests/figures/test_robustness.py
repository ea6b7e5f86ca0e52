"""Figures of robustness: data in, traces and sentences out."""

from __future__ import annotations

import numpy as np
import pytest

from engine.figures import backbones, fooled, robustness, shift, shift_claim
from engine.figures.robustness import Fall
from engine.metrics.attention_shift import NAMES
from engine.metrics.differences import Interval
from engine.metrics.robustness import Association, wilson
from engine.metrics.shift_baseline import Baseline

NAN = np.nan
FALL = Fall(np.array([0.0, 2.0, 4.0]), np.array([[9, 8], [6, 5], [0, 2]]), np.array([10, 10]))
WEAK = Fall(np.array([0.0, 1.0]), np.array([[9], [8]]), np.array([10]))


# -- answers -----------------------------------------------------------------------------------------------------------


def test_accuracies_are_counts_over_counts():
    np.testing.assert_allclose(FALL.accuracy, [0.85, 0.55, 0.1])
    np.testing.assert_allclose(FALL.by_task, [[0.9, 0.8], [0.6, 0.5], [0.0, 0.2]])


def test_the_strength_shown_first_is_where_half_is_gone_else_the_strongest():
    assert robustness.telling(FALL) == 2 and robustness.telling(WEAK) == 1
    assert robustness.half_words(FALL) == "Half of the right answers are gone at 4/255"
    assert robustness.half_words(WEAK) == "More than half of the right answers survive 1/255"


def test_the_headline_counts_wrong_answers_and_leaves_eyes_out():
    assert robustness.headline(FALL, 2) == "At 4/255, 90 of 100 answers are wrong"
    far = Fall(np.array([0.0, 16.0]), np.array([[100], [99]]), np.array([100]))
    assert robustness.headline(far, 1) == "At 16/255, 1 of 100 answers is wrong"
    none = Fall(np.array([0.0, 8.0]), np.array([[5], [5]]), np.array([5]))
    assert robustness.headline(none, 1) == "At 8/255, no answer is wrong"


def test_curves_carry_wilson_intervals():
    figure = robustness.fall_curves(FALL, 2)
    lines = {trace.name: trace for trace in figure.data}
    np.testing.assert_allclose(lines["all images"].y, [0.85, 0.55, 0.1])
    low, high = wilson(np.array([17, 11, 2]), 20)
    np.testing.assert_allclose(lines["interval"].y, [*high, *low[::-1]])
    low, high = wilson(FALL.right[:, 0], 10)
    np.testing.assert_allclose(lines["task 1"].error_y.array, high - [0.9, 0.6, 0.0])
    np.testing.assert_allclose(lines["task 1"].error_y.arrayminus, [0.9, 0.6, 0.0] - low)
    assert list(figure.layout.xaxis.ticktext) == ["clean", "2", "4"]


def test_the_table_has_a_row_a_strength_and_task_and_the_sum():
    table = robustness.fall_table(FALL, ["task 1", "task 2"])
    assert table["strength"][::3] == ["clean", "2/255", "4/255"] and len(table["strength"]) == 9
    assert table["images of"][:3] == ["task 1", "task 2", "all tasks"]
    assert (table["right"][8], table["images"][8], table["accuracy"][8]) == (2, 20, 0.1)


# -- attention ---------------------------------------------------------------------------------------------------------


def test_every_measure_has_words():
    assert tuple(shift.MEASURES) == NAMES
    assert shift.amount(1.44, "displacement") == "1.4 patches" and shift.amount(0.213, "l1") == "0.21"
    assert shift.amount(NAN, "l1") == "not known"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.1, 0.2, 0.3], "With every task attention is moved further: 0.10 after task 1, 0.30 after task 3"),
        ([0.1, 0.4, 0.3], "Attention is moved further than at first: 0.10 after task 1, 0.30 after task 3"),
        ([0.3, 0.2, 0.1], "With every task attention is moved less far: 0.30 after task 1, 0.10 after task 3"),
        ([0.2, NAN, 0.205], "The attack moves attention by 0.20, after task 3 as at first"),
        ([0.2], "The attack moves attention by 0.20"),
        ([NAN], "No map can be made with this backbone"),
    ],
)
def test_how_the_shift_changed(values, said):
    assert shift.shift_words(np.array(values), "l1") == said


def test_lines_of_shift_have_whiskers_and_leave_out_what_is_unknown():
    mean = np.array([[0.1, NAN, 0.3], [0.2, 0.2, 0.2]])
    figure = shift.shift_lines(("text", "row"), mean, mean - 0.05, mean + 0.05, 3, "l1")
    first = figure.data[0]
    assert list(first.x) == [1, 3] and first.name == "The class's name"
    np.testing.assert_allclose(first.error_y.array, [0.05, 0.05])
    assert figure.layout.yaxis.range[1] == pytest.approx(1.1 * 0.35)


def test_the_map_starts_at_zero_and_leaves_unknown_cells_empty():
    values = np.array([[0.1, NAN], [0.4, 0.2]])
    figure = shift.moved_map(values, ["<b>crown</b>", "bill"], ["1", "2"], ("", "after task"), "l1")
    heat = figure.data[0]
    assert (heat.zmin, heat.zmax) == (0, 0.4)
    assert [(a.y, a.x, a.text) for a in figure.layout.annotations] == [(0, 0, "0.10"), (1, 0, "0.40"), (1, 1, "0.20")]
    assert heat.text[0][0] == "&lt;b&gt;crown&lt;/b&gt;, 1: 0.10"
    assert shift.moved_table(values, ["crown", "bill"], ["1", "2"], "group") == {
        "group": ["crown", "bill"],
        "1": [0.1, 0.4],
        "2": [None, 0.2],
    }


def test_images_are_sorted_by_shift_into_parts_of_alike_size():
    moved = np.array([0.5, 0.1, NAN, 0.3, 0.2, 0.4])
    turned = np.array([True, False, True, False, False, True])
    found = shift.parts(moved, turned, most=2)
    np.testing.assert_allclose(found.shift, [0.2, 0.45])
    assert found.fooled.tolist() == [0, 2] and found.count.tolist() == [3, 2]
    figure = shift.parts_bars(found, "l1")
    low, _ = wilson(2, 2)
    assert list(figure.data[0].y) == [0, 1] and figure.data[0].error_y.arrayminus[1] == pytest.approx(1 - low)
    assert shift.parts(np.array([NAN]), np.array([True])).count.tolist() == []


def beyond(low, high, margin=0.9):
    return Baseline(margin, margin - 0.05, margin + 0.05, (low + high) / 2, low, high)


@pytest.mark.parametrize(
    ("low", "high", "left", "said"),
    [
        (0.6, 0.8, (0.55, 0.7), "claim holds"),
        (0.6, 0.8, (0.45, 0.6), "but it says nothing that the clean margin does not"),
        (0.6, 0.8, None, "whether the clean margin says as much was not measured"),
        (0.4, 0.8, (0.55, 0.7), "cannot be confirmed"),
        (0.2, 0.4, (0.55, 0.7), "does not hold"),
    ],
)
def test_whether_the_claim_holds_follows_from_the_interval_and_from_what_the_margin_leaves(low, high, left, said):
    found = Association((low + high) / 2, low, high, 0.3, 0.1, 0.5, 50, 20)
    told, numbers = shift_claim.claim(found, left and beyond(*left))
    assert said in told
    assert f"95 % interval {100 * low:.0f} % to {100 * high:.0f} %" in numbers and "20 of 50 images fooled" in numbers
    if left:
        assert "The clean margin alone: the fooled one had less of it 90 % of the time (85 % to 95 %)" in numbers
        assert f"({100 * left[0]:.0f} % to {100 * left[1]:.0f} %)" in numbers
    else:
        assert "measure again" in numbers


def test_without_a_comparison_the_reason_is_given():
    told, why = shift_claim.claim(Association(*[NAN] * 6, 9, 9, "all of 9 images were fooled"), None)
    assert "cannot be said" in told and why == "All of 9 images were fooled."


def test_the_baseline_stands_beside_the_shift():
    found = Association(0.7, 0.6, 0.8, 0.3, 0.1, 0.5, 50, 20)
    assert shift_claim.baseline_words(found, beyond(0.4, 0.6)).endswith("better: 90 % of pairs against 70 %")
    assert "at least as well" in shift_claim.baseline_words(found, beyond(0.4, 0.6, margin=0.6))
    figure, table = (
        make(found, beyond(0.4, 0.6)) for make in (shift_claim.baseline_points, shift_claim.baseline_table)
    )
    assert table["share of pairs"] == pytest.approx([0.7, 0.9, 0.5]) and table["low"] == pytest.approx([0.6, 0.85, 0.4])
    assert [trace.x[0] for trace in figure.data] == pytest.approx([0.7, 0.9, 0.5])
    assert figure.data[1].error_x.arrayminus[0] == pytest.approx(0.05) and figure.layout.shapes[0].x0 == 0.5


# -- concepts ----------------------------------------------------------------------------------------------------------

FLIPS, MOVED = np.array([0.2, 0.9, 0.9, NAN]), np.array([0.5, 1.0, 2.0, NAN])
CONCEPTS = ["beak", "tail", "<i>wing", "unknown"]


def test_concepts_are_ordered_by_flips_then_by_how_far_they_moved():
    assert fooled.order(FLIPS, MOVED) == [2, 1, 0]
    assert fooled.easiest_words(CONCEPTS, FLIPS, [2, 1, 0]) == "“<i>wing” is fooled most easily: on 90 % of the images"
    assert fooled.hardest_words(CONCEPTS, FLIPS, [2, 1, 0]) == "“beak” holds best: fooled on 20 %"
    assert fooled.easiest_words(CONCEPTS, np.zeros(4), [0]) == "No concept is fooled"


def test_both_bar_charts_share_one_scale_and_escape_names():
    easy = fooled.fooled_bars(CONCEPTS, FLIPS, MOVED, [2, 1], False)
    hard = fooled.fooled_bars(CONCEPTS, FLIPS, MOVED, [0], True)
    assert easy.layout.xaxis.range == hard.layout.xaxis.range
    assert list(easy.data[0].x) == [0.9, 0.9] and easy.layout.yaxis.ticktext[0] == "&lt;i&gt;wing"
    assert fooled.fooled_table(CONCEPTS, FLIPS, MOVED)["concept"] == ["<i>wing", "tail", "beak"]


# -- two backbones -----------------------------------------------------------------------------------------------------

STRONG = Fall(FALL.strengths, np.array([[8, 8], [8, 7], [6, 6]]), FALL.count)
PAIR = ("plain", "firm")


def test_the_better_backbone_is_named_only_where_the_interval_says_so():
    gain = Interval(0.5, 0.3, 0.7, 20)
    told = backbones.pair_headline(PAIR, (FALL, STRONG), gain, 2)
    assert told == "At 4/255 firm keeps 60 % right, plain 10 %"
    turned = backbones.pair_headline(PAIR[::-1], (STRONG, FALL), Interval(-0.5, -0.7, -0.3, 20), 2)
    assert turned == told
    unsure = backbones.pair_headline(PAIR, (FALL, STRONG), Interval(0.1, -0.1, 0.3, 20), 1)
    assert unsure == "At 2/255 the two backbones cannot be told apart: 55 % and 75 % right"


def test_a_difference_is_told_with_its_interval_and_a_true_minus():
    assert backbones.difference_words(Interval(-0.05, -0.161, 0.06, 20)) == "−5 points (−16 to 6)"
    assert backbones.difference_words(Interval(NAN, NAN, NAN, 0)) == "not known"


def test_both_curves_and_their_table():
    figure = backbones.both_curves(PAIR, (FALL, STRONG), 2)
    np.testing.assert_allclose(figure.data[1].y, [0.8, 0.75, 0.6])
    gains = [Interval(v, v - 0.1, v + 0.1, 20) for v in (-0.05, 0.2, 0.5)]
    table = backbones.both_table(PAIR, (FALL, STRONG), gains)
    assert table["firm"] == [0.8, 0.75, 0.6] and table["difference"] == [-0.05, 0.2, 0.5]
    marks = backbones.gain_marks(FALL.strengths, gains)
    assert list(marks.data[0].text) == ["−5", "+20", "+50"]


def test_tasks_stand_side_by_side():
    figure = backbones.task_pairs(PAIR, (FALL, STRONG), 2)
    named = {trace.name: trace for trace in figure.data if trace.name}
    assert list(named["plain, attacked"].y) == [0.0, 0.2] and list(named["firm, clean"].y) == [0.8, 0.8]
    assert named["plain, clean"].x[0] < 1 < named["firm, clean"].x[0]
    assert backbones.task_words(PAIR, (FALL, STRONG), 2) == "Under attack firm is ahead on 2 of 2 tasks"
    assert backbones.task_words(PAIR, (FALL, FALL), 2) == "Neither is ahead on more tasks"


def test_a_folder_is_called_by_its_last_part():
    assert backbones.short("local-dir:/a/b/tga/") == "tga" and backbones.short("ViT-B-16:openai") == "ViT-B-16:openai"
