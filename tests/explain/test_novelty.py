"""A picture unlike all that was learnt is far, and one in a hundred of the known ones is called so."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch
import torch.nn.functional as F

from engine.explain.novelty import QUANTILE, novelty


def model(means: torch.Tensor) -> SimpleNamespace:
    return SimpleNamespace(classes=SimpleNamespace(means=means))


def test_the_distance_and_the_limit_by_hand():
    means = torch.tensor([[2.0, 0.0], [0.0, 3.0]])  # their lengths do not matter
    known = torch.tensor([[1.0, 0.0], [0.6, 0.8]])  # cosines to the nearer mean: 1 and 0.8
    found = novelty(model(means), torch.tensor([-1.0, 0.0]), known)
    assert found.distance == pytest.approx(1.0) and found.images == 2  # right angles to the nearest
    assert found.limit == pytest.approx(0.99 * 0.2) and found.is_far
    assert not novelty(model(means), torch.tensor([1.0, 0.1]), known).is_far


def test_known_classes_are_seldom_far_and_another_direction_is():
    rng = torch.Generator().manual_seed(0)
    means = F.normalize(torch.randn(5, 64, generator=rng), dim=1)

    def draw() -> torch.Tensor:
        return F.normalize(means[torch.arange(2000) % 5] + 0.05 * torch.randn(2000, 64, generator=rng), dim=1)

    known, fresh = draw(), draw()
    found = [novelty(model(means), feature, known).is_far for feature in fresh[:500]]
    assert sum(found) / 500 == pytest.approx(1 - QUANTILE, abs=0.015)
    assert novelty(model(means), torch.randn(64, generator=rng), known).is_far
