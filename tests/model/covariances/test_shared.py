"""One matrix for all classes: pooled by hand, task by task as at once, and whose weights are the images."""

import torch

from engine.model.covariance_form import SHARED, CovarianceForm
from engine.model.covariances.shared import SharedCovariance

WIDTH = 4


def images(count, seed):
    return torch.randn(count, WIDTH, generator=torch.Generator().manual_seed(seed))


def made(*classes):
    return SharedCovariance.of_images(classes, CovarianceForm(SHARED))


def test_pooled_by_hand():
    """(3 - 1) x 1 and (2 - 1) x 8 over 3 degrees of freedom."""
    first, second = torch.tensor([[1.0], [0.0], [-1.0]]), torch.tensor([[2.0], [-2.0]])
    found = made(first + 7, second - 5)
    torch.testing.assert_close(found.shared, torch.tensor([[10 / 3]]))
    assert found.freedoms.tolist() == [2.0, 1.0]


def test_task_by_task_it_is_as_at_once():
    classes = [images(count, seed) for seed, count in enumerate((9, 4, 17, 2))]
    grown = made(*classes[:1]).extended(made(*classes[1:3])).extended(made(classes[3]))
    torch.testing.assert_close(grown.shared, made(*classes).shared)
    assert grown.freedoms.tolist() == [8.0, 3.0, 16.0, 1.0]


def test_classes_of_one_image_have_no_say():
    several = made(images(9, 0))
    torch.testing.assert_close(several.extended(made(images(1, 1))).shared, several.shared)
    torch.testing.assert_close(made(images(1, 1)).extended(several).shared, several.shared)
    assert not made(images(1, 1), images(1, 2)).shared.any()


def test_samples_of_every_class_have_it():
    found = made(images(30, 0), images(20, 1))
    normals = torch.randn(100_000, found.normals, generator=torch.Generator().manual_seed(3))
    roots = list(found.roots(0.5))
    assert len(roots) == 2
    torch.testing.assert_close(torch.cov(roots[1](normals).T), found.shared + 0.5 * torch.eye(WIDTH), atol=0.05, rtol=0)


def test_parts_of_it_keep_the_whole_matrix_and_come_together_again():
    found = made(images(30, 0), images(20, 1), images(5, 2))
    old, new = found.select(slice(1)), found.select(slice(1, None))
    assert torch.equal(old.of(0), found.shared) and new.freedoms.tolist() == [19.0, 4.0]
    again = SharedCovariance.of_parts([old, new])
    assert torch.equal(again.shared, found.shared) and torch.equal(again.freedoms, found.freedoms)


def test_it_moves_with_the_embeddings():
    found = made(images(30, 0))
    matrix = torch.randn(WIDTH, WIDTH, generator=torch.Generator().manual_seed(4), dtype=torch.float64)
    moved = found.turned(lambda spread: spread @ matrix.T)
    torch.testing.assert_close(moved.shared, matrix.float() @ found.shared @ matrix.float().T, atol=1e-4, rtol=1e-4)
    assert torch.equal(moved.shared, moved.shared.T) and torch.equal(moved.freedoms, found.freedoms)


def test_what_no_training_leaves_is_told():
    found = made(images(30, 0), images(20, 1))
    assert found.numbers == WIDTH * (WIDTH + 1) // 2 + 2 and torch.equal(found.mean(), found.shared)
    assert found.why_not(2, WIDTH) is None and found.why_not(3, WIDTH) and found.why_not(2, WIDTH - 1)
    assert SharedCovariance(found.shared, -found.freedoms).why_not(2, WIDTH)
    assert SharedCovariance(found.shared * float("nan"), found.freedoms).why_not(2, WIDTH)
