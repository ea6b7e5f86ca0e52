"""Which image a report shows: the one that was right longest and is wrong now."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from engine.exhibits.subjects import look, telling
from engine.session.lab import Lab

ROWS = np.array([10, 11, 12, 13])
LABELS = torch.tensor([0, 0, 1, 1])
LOGITS = torch.tensor([[1.0, 3.0], [1.0, 2.0], [2.0, 1.0], [0.0, 1.0]])
"""After the last task: images 10, 11 and 12 are wrong, by 2, 1 and 1; image 13 is right, by 1."""


def lab(*then: list[int], logits: torch.Tensor = LOGITS) -> Any:
    """A run whose models after the earlier tasks said `then`."""
    sample = SimpleNamespace(rows=ROWS, labels=LABELS, features=logits)
    said = [*map(np.array, then), logits.argmax(1).numpy()]
    return SimpleNamespace(
        sample=lambda split, task: sample,
        predicted=lambda split, task: said[task],
        snapshot=lambda task: SimpleNamespace(from_features=lambda f: SimpleNamespace(logits=f)),
    )


def test_the_image_that_was_right_longest_comes_first() -> None:
    found = telling(lab([0, 1], [0, 1, 0, 1]), 2)
    assert (found.ref, found.forgotten) == ("test:10", True)


def test_of_equals_the_one_that_is_wrong_by_least() -> None:
    assert telling(lab([0, 0], [0, 0, 0, 1]), 2).ref == "test:11"


def test_without_forgetting_a_wrong_one_and_without_mistakes_a_narrow_one() -> None:
    wrong = telling(lab([1, 1]), 1)
    assert (wrong.ref, wrong.forgotten) == ("test:11", False) and "no test image was forgotten" in wrong.rule
    sure = torch.tensor([[5.0, 0.0], [3.0, 0.0], [0.0, 0.5], [0.0, 4.0]])
    right = telling(lab([0, 0], logits=sure), 1)
    assert right.ref == "test:12" and right.rule.startswith("no test image is wrong")


def test_it_is_found_on_a_real_run_and_can_be_looked_at(tiny_lab: Lab, forgetful_lab: Lab) -> None:
    for lab, forgets in ((tiny_lab, False), (forgetful_lab, True)):
        found = telling(lab, 2)
        case = look(lab, 2, found.ref)
        assert case.subject.ref == found.ref and found.forgotten is forgets
        assert case.right is False and any(m.right for m in case.story) is forgets


def test_after_the_first_task_nothing_was_forgotten(tiny_lab: Lab) -> None:
    assert not telling(tiny_lab, 0).forgotten


@pytest.mark.parametrize("split", ["moved"])
def test_other_splits_have_their_own(tiny_lab: Lab, split: str) -> None:
    assert telling(tiny_lab, 2, split).ref.startswith(f"{split}:")
