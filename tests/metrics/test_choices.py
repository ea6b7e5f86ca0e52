"""Likeness of choices by hand, and chance against drawing."""

import numpy as np
import pytest

from engine.metrics.choices import by_task, chance, jaccard


def test_pairs_by_hand():
    chosen = np.array([[1, 1, 0, 0], [1, 0, 1, 0], [1, 1, 0, 0]], bool)
    assert jaccard(chosen) == pytest.approx((1 / 3 + 1 + 1 / 3) / 3)
    assert np.isnan(jaccard(chosen[:1]))


@pytest.mark.parametrize(("candidates", "kept", "value"), [(2, 1, 0.5), (4, 2, (4 / 6) * (1 / 3) + 1 / 6), (5, 5, 1.0)])
def test_chance_by_hand(candidates, kept, value):
    assert chance(candidates, kept) == pytest.approx(value)


def test_chance_is_what_random_choices_give():
    rng = np.random.default_rng(0)
    drawn = np.zeros((400, 30), bool)
    for row in drawn:
        row[rng.choice(30, 12, replace=False)] = True
    assert jaccard(drawn) == pytest.approx(chance(30, 12), abs=0.005)


def test_tasks_are_compared_apart():
    chosen = np.array([[1, 0, 1, 0], [1, 0, 0, 1]], bool)
    alike, random = by_task(chosen, np.array([0, 0, 1, 1]))
    assert alike.tolist() == [1.0, 0.0] and random.tolist() == [0.5, 0.5]
