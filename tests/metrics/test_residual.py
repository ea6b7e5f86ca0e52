"""How much of an answer passes by the concepts, by hand."""

import numpy as np

from engine.metrics.residual import changed_answers, side_shares

CONCEPTS = np.array([[2.0, 0.0, 1.0], [1.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 0.0]])
SIDE = np.array([[0.0, 5.0, 0.0], [1.0, 0.0, -4.0], [0.0, -1.0, 0.0], [0.0, 0.0, 0.0]])
WHOLE = CONCEPTS + SIDE


def test_an_answer_that_only_the_side_channel_gives():
    assert changed_answers(WHOLE, CONCEPTS).tolist() == [True, False, False, False]


def test_the_share_of_the_margin():
    # 5 against 2: concepts say 0 - 2, the side channel 5 - 0; 2 against 0: 1 each; 2 against 0: 3 and -1; all equal
    assert side_shares(WHOLE, CONCEPTS)[:3].tolist() == [5 / 7, 0.5, 0.25]
    assert np.isnan(side_shares(WHOLE, CONCEPTS)[3])


def test_all_or_nothing():
    nothing = np.zeros_like(WHOLE)
    assert (side_shares(WHOLE, WHOLE)[:3] == 0).all() and (side_shares(WHOLE, nothing)[:3] == 1).all()
    assert not changed_answers(WHOLE, WHOLE).any()


def test_a_single_class_has_no_runner_up():
    assert np.isnan(side_shares(WHOLE[:, :1], CONCEPTS[:, :1])).all()
