"""Axes and a diagonal: exact variances, the rest as far as the axes reach, and samples without a matrix."""

import torch

from engine.model.covariance_form import LOW_RANK, CovarianceForm
from engine.model.covariances.low_rank import LowRankCovariances

WIDTH = 5


def images(count, seed=0):
    draw = torch.Generator().manual_seed(seed)
    return torch.randn(count, WIDTH, generator=draw) * torch.tensor([5.0, 3.0, 1.0, 0.5, 0.1])


def made(*classes, rank=2):
    return LowRankCovariances.of_images(classes, CovarianceForm(LOW_RANK, rank))


def test_by_hand():
    """Four images on two perpendicular lines: variances 8/3 and 2/3, of which one axis takes the larger."""
    own = torch.tensor([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    found = made(own, rank=1)
    torch.testing.assert_close(found.factors.abs(), torch.tensor([[[(8 / 3) ** 0.5, 0.0]]]))
    torch.testing.assert_close(found.diagonals, torch.tensor([[0.0, 2 / 3]]))
    torch.testing.assert_close(found.of(0), torch.tensor([[8 / 3, 0.0], [0.0, 2 / 3]]))


def test_variances_are_exact_whatever_the_rank():
    own = images(40)
    for rank in (1, 2, 4):
        torch.testing.assert_close(made(own, rank=rank).of(0).diagonal(), own.var(0))


def test_with_as_many_axes_as_images_differ_in_it_is_the_covariance():
    few, many = images(4), images(60)
    torch.testing.assert_close(made(few, rank=3).of(0), torch.cov(few.T))
    torch.testing.assert_close(made(many, rank=WIDTH).of(0), torch.cov(many.T), atol=1e-5, rtol=1e-5)


def test_no_more_axes_are_kept_than_there_can_be():
    assert made(images(60), rank=4096).factors.shape == (1, WIDTH, WIDTH)  # the dimensions
    assert made(images(3), rank=4096).factors.shape == (1, 2, WIDTH)  # images less one
    alone = made(images(1))
    assert alone.factors.shape == (1, 0, WIDTH) and not alone.of(0).any() and alone.normals == WIDTH


def test_classes_with_fewer_axes_get_zeros():
    early, late = made(images(2)), made(images(40, seed=1), images(3, seed=2), rank=3)
    both = early.extended(late)
    assert both.factors.shape == (3, 3, WIDTH)
    for place, one in enumerate((early.of(0), late.of(0), late.of(1))):
        torch.testing.assert_close(both.of(place), one)


def test_samples_have_the_covariance_and_the_ridge():
    found, count = made(images(40), images(30, seed=1)), 200_000
    normals = torch.randn(count, found.normals, generator=torch.Generator().manual_seed(3))
    for place, root in enumerate(found.roots(0.5)):
        expected = found.of(place) + 0.5 * torch.eye(WIDTH)
        torch.testing.assert_close(torch.cov(root(normals).T), expected, atol=0.02 * expected.max().item(), rtol=0)


def test_the_mean_is_that_of_the_matrices():
    found = made(images(40), images(30, seed=1), images(20, seed=2))
    torch.testing.assert_close(found.mean(), torch.stack([found.of(place) for place in range(3)]).mean(0))
    assert found.mean(torch.float64).dtype == torch.float64


def test_moved_axes_move_and_variances_stay_exact():
    found = made(images(40), images(30, seed=1))
    matrix = torch.eye(WIDTH).double() + 0.4 * torch.randn(WIDTH, WIDTH, generator=torch.Generator().manual_seed(4))
    moved = found.turned(lambda spread: spread @ matrix.T)
    for place in range(2):
        exact = matrix.float() @ found.of(place) @ matrix.float().T
        torch.testing.assert_close(moved.of(place).diagonal(), exact.diagonal(), atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(moved.factors[place], found.factors[place] @ matrix.float().T, atol=1e-5, rtol=1e-5)
    assert moved.why_not(2, WIDTH) is None


def test_how_much_it_keeps():
    found = made(images(40), images(30, seed=1))
    assert found.numbers == 2 * WIDTH * (2 + 1)
    assert torch.equal(found.select([1]).of(0), found.of(1)) and found.select(slice(1)).numbers == WIDTH * 3


def test_what_no_training_leaves_is_told():
    found = made(images(40))
    assert found.why_not(1, WIDTH) is None and found.why_not(2, WIDTH) and found.why_not(1, WIDTH + 1)
    for wrong in (-1.0, float("nan"), float("inf")):
        diagonals = found.diagonals.clone()
        diagonals[0, 1] = wrong
        assert "low_rank" in LowRankCovariances(found.factors, diagonals).why_not(1, WIDTH)
    assert LowRankCovariances(found.factors.double(), found.diagonals).why_not(1, WIDTH)
    assert LowRankCovariances(torch.zeros(1, WIDTH + 1, WIDTH), found.diagonals).why_not(1, WIDTH)
