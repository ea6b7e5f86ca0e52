"""Present and absent, measured by hand on a few images."""

import numpy as np
import pytest

from engine.interventions.levels import TAIL, called, levels, probability, said

SCORES = np.array([[0.0], [1.0], [2.0], [3.0], [10.0], [11.0], [12.0], [13.0]])
TRUTH = np.array([[False]] * 4 + [[True]] * 4)


def test_levels_are_what_nine_of_ten_reach():
    found = levels(SCORES, TRUTH)
    assert found.present == pytest.approx([10 + 3 * TAIL])  # quantile of 10, 11, 12, 13
    assert found.absent == pytest.approx([3 - 3 * TAIL])
    assert found.threshold == pytest.approx([6.5])  # equal spreads: midway between 1.5 and 11.5
    assert found.known.tolist() == [True]


def test_the_threshold_lies_nearer_to_the_kind_that_varies_less():
    scores = np.array([[0.0], [0.2], [4.0], [8.0]])
    found = levels(scores, np.array([[False], [False], [True], [True]]))
    assert found.threshold == pytest.approx([(6 * 0.1 + 0.1 * 2) / 2.1])  # means 0.1 and 6, spreads 0.1 and 2


def test_without_truth_the_levels_are_the_extremes_and_a_score_there_is_95_percent_sure():
    found = levels(np.arange(101.0)[:, None])
    assert (found.absent, found.present, found.threshold) == (pytest.approx([5]), pytest.approx([95]), [50])
    assert probability(found, np.array([95.0])) == pytest.approx([0.95])
    assert not found.known.any()


def test_a_concept_that_is_true_of_all_images_is_judged_without_truth():
    scores = np.tile(SCORES, (1, 3))
    truth = np.stack([TRUTH[:, 0], np.ones(8, bool), TRUTH[:, 0]], axis=1)
    found = levels(scores, truth, np.array([True, True, False]))
    assert found.known.tolist() == [True, False, False]
    assert found.present[1] == found.present[2] == pytest.approx(np.quantile(SCORES, 0.95))


def test_an_answer_moves_a_score_to_its_level_and_never_back():
    found = levels(SCORES, TRUTH)
    told = said(found, np.array([[2.0], [12.0]]), np.array([[True], [True]]))
    assert told[:, 0] == pytest.approx([10 + 3 * TAIL, 12.0])
    told = said(found, np.array([[2.0], [12.0]]), np.array([[False], [False]]))
    assert told[:, 0] == pytest.approx([2.0, 3 - 3 * TAIL])


@pytest.mark.parametrize("seed", range(5))
def test_after_an_answer_the_model_says_so_and_saying_it_again_changes_nothing(seed):
    rng = np.random.default_rng(seed)
    truth = rng.random((60, 7)) < rng.random(7)
    scores = rng.normal(size=(60, 7)) + truth * rng.normal(1, 2, 7)  # some concepts score the wrong way round
    found = levels(scores, truth)
    answers = rng.random((60, 7)) < 0.5
    told = said(found, scores, answers)
    assert np.array_equal(said(found, told, answers), told)
    assert (found.absent <= found.threshold).all() and (found.threshold <= found.present).all()
    assert (found.low <= found.absent).all() and (found.present <= found.high).all() and (found.slope >= 0).all()
    assert not (called(found, told) & ~answers).any()
    sure = probability(found, scores)
    assert ((sure >= 0) & (sure <= 1)).all() and (called(found, scores) >= (sure > 0.5)).all()


def test_equal_scores_and_far_scores_stay_finite():
    found = levels(np.ones((4, 2)), np.array([[True, False]] * 2 + [[False, False]] * 2))
    for value in (found.absent, found.present, found.slope, probability(found, np.array([1e6, -1e6]))):
        assert np.isfinite(value).all()
