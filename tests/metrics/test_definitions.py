"""Every number has a definition that people can read, and the limits it states hold."""

import numpy as np
import pytest

from engine.metrics import accuracy
from engine.metrics.definitions import DEFINITIONS


def is_for_people(key: str) -> bool:
    """One sentence, with its formula, source and limits beside it."""
    found = DEFINITIONS[key]
    low, high = found.limits
    return (
        found.key == key
        and (found.text.endswith(".") and found.text[0].isupper() and ". " not in found.text)
        and (len(found.text) <= 200 and "[" not in found.text)  # symbols belong into the formula
        and all((found.formula, found.source, found.title))
        and (high is None or low < high)
    )


def test_one_sentence_for_people():
    assert [key for key in DEFINITIONS if not is_for_people(key)] == []


def test_titles_are_distinct():
    titles = [found.title for found in DEFINITIONS.values()]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize(
    ("key", "function"),
    [
        ("last_accuracy", accuracy.last_accuracy),
        ("average_accuracy", accuracy.average_incremental_accuracy),
        ("mean_last_row", accuracy.mean_last_row),
        ("forgetting", accuracy.forgetting),
        ("forgetting_max_including_last", accuracy.forgetting_max_including_last),
        ("forgetting_first_minus_last", accuracy.forgetting_first_minus_last),
        ("backward_transfer", accuracy.backward_transfer),
    ],
)
def test_stated_limits_hold_even_at_the_extremes(key, function):
    low, high = DEFINITIONS[key].limits
    rng = np.random.default_rng(0)
    values = [function(accuracy.accuracy_matrix(rng.integers(0, 2, (4, 4)).astype(float))) for _ in range(200)]
    assert low <= min(values) and max(values) <= high
    assert min(values) < max(values)
