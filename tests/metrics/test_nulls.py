"""What the worst of many looks like, and where mistakes fall, if nothing is behind it."""

from math import comb

import numpy as np
import pytest

from engine.metrics.nulls import between_tasks, worst_of


def array(*values: int) -> np.ndarray:
    return np.array(values, np.int64)


def test_the_worst_of_two_by_hand():
    found = worst_of(array(1, 0), array(2, 2), array(2, 2))  # rate 1/4: losses 0, 1, 2 with 9/16, 6/16, 1/16
    assert found.pooled == 0.25
    assert found.chance == pytest.approx(1 - (9 / 16) ** 2)
    largest = 0.5 * ((15 / 16) ** 2 - (9 / 16) ** 2) + 1.0 * (1 - (15 / 16) ** 2)
    assert found.expected == pytest.approx(largest)


def test_the_worst_of_seven_is_what_drawing_gives():
    lost, known = array(10, 3, 4, 2, 5, 1, 3), array(78, 76, 79, 75, 77, 78, 76)
    found = worst_of(lost, known, np.full(7, 80))
    drawn = np.random.default_rng(0).binomial(known, lost.sum() / known.sum(), (200_000, 7)).max(1)
    assert found.expected == pytest.approx(drawn.mean() / 80, abs=3e-4)
    assert found.chance == pytest.approx((drawn >= 10).mean(), abs=3e-3)


def test_the_null_holds_its_level_and_tasks_of_different_sizes_are_no_trouble():
    rng, known = np.random.default_rng(1), array(20, 40, 80)
    chances = [worst_of(rng.binomial(known, 0.2), known, array(25, 40, 90)).chance for _ in range(600)]
    assert np.mean(np.array(chances) < 0.05) < 0.07


def test_nothing_lost_or_everything_lost():
    assert worst_of(array(0, 0), array(5, 5), array(5, 5)).chance == 1.0
    assert worst_of(array(5, 5), array(5, 5), array(5, 5)).expected == 1.0
    assert worst_of(array(-2, 1), array(5, 5), array(5, 5)).pooled == 0.0


def swapped() -> np.ndarray:
    """Four classes, of which 0 and 2, and 1 and 3, are taken for each other."""
    counts = np.diag([8, 8, 8, 8])
    for true, taken in ((0, 2), (2, 0), (1, 3), (3, 1)):
        counts[true, taken] = 2
    return counts


def test_mistakes_between_tasks_against_every_deal():
    seen, dealt = between_tasks(swapped(), array(0, 0, 1, 1))
    assert seen == 1.0 and set(dealt.tolist()) == {0.0, 1.0}
    assert dealt.mean() == pytest.approx(4 / comb(4, 2), abs=0.03)  # 4 of 6 deals part both pairs


def test_look_alikes_that_the_tasks_part_explain_their_own_mistakes():
    seen, dealt = between_tasks(swapped(), array(0, 0, 1, 1), array(0, 1, 0, 1))
    assert seen == 1.0 and (dealt == 1.0).all()
    assert np.isnan(between_tasks(np.diag([3, 3]), array(0, 1))[0])
