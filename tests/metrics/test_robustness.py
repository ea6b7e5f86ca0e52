"""Robust accuracy, its forgetting, and whether attention and mistakes go together, on numbers small enough to check."""

import numpy as np
import pytest

from engine.errors import BadParameter
from engine.metrics.robustness import association, contest, forgetting, matrices, overall, strengths, wilson

NAN = np.nan
# One strength, three tasks, two images of task 0 and one each of tasks 1 and 2.
TASK_OF = np.array([0, 0, 1, 2])
OUTCOME = np.array([[[1, 1, -1, -1], [1, 0, 1, -1], [0, 0, 0, 1]]], np.int8)


def test_the_matrix_by_hand():
    expected = [[1.0, NAN, NAN], [0.5, 1.0, NAN], [0.0, 0.0, 1.0]]
    np.testing.assert_array_equal(matrices(OUTCOME, TASK_OF), [expected])


def test_robustness_forgetting_is_chaudhrys():
    assert forgetting(matrices(OUTCOME, TASK_OF)) == pytest.approx([(1.0 + 1.0) / 2])  # both tasks from 1 to 0
    kept = OUTCOME.copy()
    kept[0, 2] = [1, 0, 1, 1]
    assert forgetting(matrices(kept, TASK_OF)) == pytest.approx([(0.5 + 0.0) / 2])


def test_overall_every_image_counts_alike():
    np.testing.assert_allclose(overall(OUTCOME), [[1, 2 / 3, 1 / 4]])
    assert np.isnan(overall(np.full((1, 1, 2), -1, np.int8))).all()


def test_a_task_that_is_not_there_has_no_accuracy():
    found = matrices(OUTCOME[:, :2], TASK_OF)
    np.testing.assert_array_equal(found, [[[1.0, NAN], [0.5, 1.0]]])


def test_wilson_by_hand():
    low, high = wilson([0, 8, 10], [10, 10, 10])
    z2 = 1.959963984540054**2
    assert (low[0], high[2]) == pytest.approx((0.0, 1.0), abs=1e-12)
    assert high[0] == pytest.approx(z2 / (10 + z2))  # the closed form at 0 of n
    assert low[2] == pytest.approx(10 / (10 + z2))
    assert (low[1], high[1]) == pytest.approx((0.4902, 0.9433), abs=1e-4)  # the textbook's 8 of 10
    assert np.isnan(wilson(0, 0)).all()


def test_the_auc_is_the_share_of_pairs_in_which_the_fooled_moved_further():
    shift = np.array([1.0, 2.0, 2.0, 3.0, NAN])
    wrong = np.array([False, True, False, True, True])
    found = association(shift, wrong, 0)
    assert found.auc == (1 + 0.5 + 1 + 1) / 4  # 2 against 1 and 2 (a tie), 3 against 1 and 2
    assert (found.count, found.fooled, found.why) == (4, 2, None)
    assert found.r == pytest.approx(np.corrcoef(shift[:4], wrong[:4])[0, 1])


def test_a_perfect_and_a_perfectly_wrong_order():
    shift, wrong = np.arange(20.0), np.arange(20) >= 12
    found = association(shift, wrong, 1)
    assert (found.auc, found.low, found.high) == (1.0, 1.0, 1.0)
    assert found.r_low < found.r < found.r_high <= 1
    assert association(-shift, wrong, 1).auc == 0.0
    assert association(-shift, wrong, 1).r == pytest.approx(-found.r)


def test_the_interval_covers_chance_where_there_is_nothing_and_shrinks_with_images():
    rng = np.random.default_rng(4)
    few = association(rng.normal(size=40), rng.random(40) < 0.5, 3)
    many = association(rng.normal(size=2000), rng.random(2000) < 0.5, 3)
    assert few.low < 0.5 < few.high and many.low < 0.5 < many.high
    assert few.high - few.low > 4 * (many.high - many.low)
    # Hanley & McNeil 1982: with no association the AUC of n against m has the variance (n + m + 1) / (12 n m).
    held = many.count - many.fooled
    spread = np.sqrt((many.count + 1) / (12 * many.fooled * held))
    assert many.high - many.low == pytest.approx(2 * 1.96 * spread, rel=0.15)


def test_the_same_seed_gives_the_same_interval_and_the_scale_of_the_shift_does_not_matter():
    rng = np.random.default_rng(5)
    shift, wrong = rng.random(30), rng.random(30) < 0.4
    assert association(shift, wrong, 7) == association(shift, wrong, 7)
    assert association(shift, wrong, 7).low != association(shift, wrong, 8).low
    tiny, plain = association(shift * 1e-9, wrong, 7), association(shift, wrong, 7)
    assert (tiny.auc, tiny.low, tiny.high) == (plain.auc, plain.low, plain.high)
    assert (tiny.r, tiny.r_low, tiny.r_high) == pytest.approx((plain.r, plain.r_low, plain.r_high))


@pytest.mark.parametrize(
    ("shift", "wrong", "why"),
    [
        ([1.0, 2.0], [True, True], "all of 2 images were fooled"),
        ([1.0, 2.0, NAN], [False, False, True], "none of 2 images were fooled"),
        ([NAN, NAN], [True, False], "no shift is known"),
        ([], [], "no shift is known"),
    ],
)
def test_what_cannot_be_said_is_not_a_number_and_has_a_reason(shift, wrong, why):
    found = association(np.array(shift, float), np.array(wrong, bool), 0)
    assert np.isnan([found.auc, found.low, found.high, found.r, found.r_low, found.r_high]).all()
    assert found.why == why


def test_a_shift_that_never_differs_tells_nothing():
    found = association(np.full(6, 0.3), np.array([True, False] * 3), 0)
    assert (found.auc, found.low, found.high) == (0.5, 0.5, 0.5)
    assert np.isnan(found.r)
    assert found.why == "the shift is the same for all images"


def test_only_images_that_were_right_take_part():
    outcome = np.array([[1, 1, 0, -1], [1, 0, 0, -1]], np.int8)  # clean, then attacked
    taking_part, fooled = contest(outcome)
    assert taking_part.tolist() == [[True, True, False, False]]
    assert fooled.tolist() == [[False, True, False, False]]


def test_strengths_are_read_from_a_text():
    assert strengths("0.5, 1,8") == (0.5, 1.0, 8.0)
    assert strengths("64") == (64.0,)
    with pytest.raises(BadParameter, match="ascending"):
        strengths("2,1")
