"""How embeddings moved: recovered where that is possible, and by hand."""

import math

import pytest
import torch
from torch.nn.functional import normalize

from engine.model.covariances.full import FullCovariances, no_covariances
from engine.model.drift import LinearDrift, linear, translation
from engine.model.snapshot import ClassStatistics

WIDTH = 6


def draw(*shape, seed=1):
    return torch.randn(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def images(count=200, seed=1):
    return normalize(draw(count, WIDTH, seed=seed), dim=1)


def matrix():
    return torch.eye(WIDTH, dtype=torch.float64) + 0.3 * draw(WIDTH, WIDTH, seed=2)


def statistics():
    spread = draw(3, 20, WIDTH, seed=3)
    texts = torch.ones(3, WIDTH)
    return ClassStatistics(
        0.5 * draw(3, WIDTH, seed=4).float(), FullCovariances((spread.mT @ spread / 20).float()), texts
    )


def test_a_linear_movement_is_recovered_and_covariances_follow():
    old, val, moved = images(), images(40, seed=5), matrix()
    found = linear(old, old @ moved.T, val, val @ moved.T)
    torch.testing.assert_close(found.matrix, moved, atol=1e-4, rtol=0)
    kept, carried = statistics(), found.statistics(statistics())
    torch.testing.assert_close(carried.means, kept.means @ moved.T.float(), atol=1e-3, rtol=0)
    for before, after in zip(kept.covariances.covariances, carried.covariances.covariances, strict=True):
        torch.testing.assert_close(after, moved.float() @ before @ moved.T.float(), atol=1e-3, rtol=1e-3)
        assert torch.equal(after, after.T)
    assert torch.equal(carried.texts, kept.texts)


@pytest.mark.parametrize("fit", [linear, translation])
def test_where_nothing_moves_nothing_changes(fit):
    old, val = images(), images(20, seed=5)
    found, kept = fit(old, old, val, val), statistics()
    carried = found.statistics(kept)
    assert torch.equal(carried.means, kept.means)
    torch.testing.assert_close(carried.covariances.covariances, kept.covariances.covariances)


def test_directions_without_an_image_stay():
    old = images()
    old[:, 4:] = 0  # nothing is seen of the last two
    new = old @ (2 * torch.eye(WIDTH, dtype=torch.float64))
    found = linear(old, new, old, new)
    torch.testing.assert_close(found.matrix.diagonal(), torch.tensor([2.0] * 4 + [1.0] * 2).double(), atol=1e-4, rtol=0)


def test_the_ridge_is_chosen_on_validation_images():
    old, moved = images(8), matrix()
    noisy = old @ moved.T + 0.5 * draw(*old.shape, seed=6)
    val = images(50, seed=7)
    still, turned = linear(old, noisy, val, val), linear(old, noisy, val, val @ moved.T)
    identity = torch.eye(WIDTH, dtype=torch.float64)
    assert (still.matrix - identity).norm() < 0.1 * (turned.matrix - identity).norm()


def test_translation_by_hand():
    old = torch.tensor([[0.0, 0.0], [0.3, 0.0]])
    new = torch.tensor([[0.1, 0.0], [0.3, 0.2]])
    found = translation(old, new, old, new)
    # the mean lies on the first image and one bandwidth from the second: weights 1 and exp(-1/2)
    near, far = 1 / (1 + math.exp(-0.5)), math.exp(-0.5) / (1 + math.exp(-0.5))
    moved = found.points(torch.zeros(1, 2, dtype=torch.float64))
    torch.testing.assert_close(moved, torch.tensor([[0.1 * near, 0.2 * far]], dtype=torch.float64), atol=1e-7, rtol=0)
    spread = torch.tensor([[[2.0, 1.0], [1.0, 3.0]]])
    carried = found.statistics(ClassStatistics(torch.zeros(1, 2), FullCovariances(spread), torch.ones(1, 2)))
    assert torch.equal(carried.covariances.of(0), spread[0])


def test_far_from_all_images_the_nearest_counts():
    old = torch.tensor([[0.0, 0.0], [1.0, 0.0]])
    found = translation(old, old + torch.tensor([[0.5, 0.0], [0.0, 0.5]]), old, old)
    moved = found.points(torch.tensor([[100.0, 0.0]], dtype=torch.float64))
    torch.testing.assert_close(moved, torch.tensor([[100.0, 0.5]], dtype=torch.float64))


def test_single_embeddings_keep_unit_length_and_means_their_own():
    found = LinearDrift(2 * torch.eye(WIDTH, dtype=torch.float64))
    torch.testing.assert_close(found.images(images(5).float()), images(5).float())
    kept = statistics()
    torch.testing.assert_close(found.statistics(kept).means, 2 * kept.means)
    bare = ClassStatistics(kept.means, no_covariances(3), kept.texts)
    assert not found.statistics(bare).covariances.kept
