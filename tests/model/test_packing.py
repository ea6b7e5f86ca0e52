"""Symmetric matrices as their upper triangle."""

import pytest
import torch

from engine.model.packing import packed, unpacked


def test_three_by_three_by_hand():
    matrix = torch.tensor([[1.0, 2, 3], [2, 4, 5], [3, 5, 6]], dtype=torch.float64)
    assert packed(matrix).tolist() == [1, 2, 3, 4, 5, 6] and torch.equal(unpacked(packed(matrix)), matrix)


def test_entries_that_are_no_triangle_are_refused():
    with pytest.raises(ValueError, match="4 entries are no triangle"):
        unpacked(torch.zeros(4))
