"""Outcomes worked out by hand."""

from __future__ import annotations

import numpy as np

from engine.interventions.outcome import fix_effects, outcome, ranking, wrong_by_margin

LABELS = np.array([0, 0, 1, 2, 2, 2])
OWNERS = np.array([0, 0, 1])
BEFORE = np.array([0, 1, 1, 2, 0, 0])
AFTER = np.array([0, 0, 0, 2, 2, 1])


def test_what_was_corrected_and_what_was_broken() -> None:
    found = outcome(BEFORE, AFTER, LABELS, OWNERS, 2)
    assert found.corrected.tolist() == [1, 4] and found.broken.tolist() == [2]
    assert (found.images, found.before, found.after) == (6, 3 / 6, 4 / 6)
    assert abs(found.gain - 1 / 6) < 1e-12


def test_task_by_task() -> None:
    found = outcome(BEFORE, AFTER, LABELS, OWNERS, 3)
    assert found.sizes.tolist() == [3, 3, 0]
    assert found.corrected_by_task.tolist() == [1, 1, 0] and found.broken_by_task.tolist() == [1, 0, 0]
    np.testing.assert_allclose(found.before_by_task, [2 / 3, 1 / 3, np.nan])
    np.testing.assert_allclose(found.after_by_task, [2 / 3, 2 / 3, np.nan])


def test_the_same_prediction_changes_nothing() -> None:
    found = outcome(BEFORE, BEFORE, LABELS, OWNERS, 2)
    assert not len(found.corrected) and not len(found.broken) and found.gain == 0


def test_without_images_nothing_is_known() -> None:
    none = np.zeros(0, np.int64)
    found = outcome(none, none, none, OWNERS, 2)
    assert found.images == 0 and np.isnan(found.before) and np.isnan(found.after_by_task).all()


def test_narrow_mistakes_come_first() -> None:
    logits = np.array([[3.0, 0], [0, 5], [2, 1], [1, 1.5]])
    assert wrong_by_margin(logits, np.array([0, 0, 1, 0])).tolist() == [3, 2, 1]


def _right(at_home: float, away: float, images: int = 100) -> np.ndarray:
    """An alternative that is right on the first images of each version, [2, N]."""
    shares = np.arange(images) / images
    return np.stack([shares < at_home, shares < away])


def test_the_best_by_both_versions_is_offered_first() -> None:
    alternatives = np.stack([_right(0.9, 0.3), _right(0.8, 0.8), _right(0.5, 0.6)])
    assert ranking(alternatives).tolist() == [1, 0, 2]


def test_of_equals_the_one_that_costs_least_is_offered_first() -> None:
    """Means .80 and .795 differ by less than their paired error: the second is right more often at home."""
    alternatives = np.stack([_right(0.78, 0.82), _right(0.90, 0.69), _right(0.95, 0.40)])
    assert ranking(alternatives).tolist() == [1, 0, 2]


def test_nothing_to_rank() -> None:
    assert ranking(np.zeros((0, 2, 5), np.bool_)).tolist() == []


def test_the_effects_of_a_fix_are_those_of_making_it() -> None:
    rng = np.random.default_rng(0)
    scores, head = rng.normal(size=(60, 5)), rng.normal(size=(4, 5))
    logits, labels, strength = scores @ head.T, rng.integers(0, 4, 60), rng.normal(size=5)
    corrected, broken = fix_effects(logits, scores, labels, 2, 0, 1.5, strength)
    for k in range(5):
        changed = head.copy()
        changed[2, k] += 1.5 / strength[k]
        changed[0, k] -= 1.5 / strength[k]
        found = outcome(logits.argmax(1), (scores @ changed.T).argmax(1), labels, np.zeros(4, np.int64), 1)
        assert (corrected[k], broken[k]) == (len(found.corrected), len(found.broken))


def test_a_concept_that_says_nothing_of_the_image_changes_nothing() -> None:
    corrected, broken = fix_effects(np.eye(2), np.ones((2, 1)), np.array([1, 0]), 0, 1, 1.0, np.zeros(1))
    assert corrected.tolist() == [0] and broken.tolist() == [0]
