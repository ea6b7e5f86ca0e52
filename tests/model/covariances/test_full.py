"""A matrix a class, as published, or none at all."""

import torch

from engine.model.covariance_form import CovarianceForm
from engine.model.covariances.full import FullCovariances, no_covariances

WIDTH = 3


def images(count, seed=0):
    return torch.randn(count, WIDTH, generator=torch.Generator().manual_seed(seed))


def test_each_class_has_its_own_and_one_of_a_single_image_zeros():
    found = FullCovariances.of_images([images(9), images(1)], CovarianceForm())
    assert torch.equal(found.of(0), torch.cov(images(9).T)) and not found.of(1).any()
    assert found.numbers == 2 * 6 and found.normals == WIDTH and found.kept
    torch.testing.assert_close(found.mean(), found.of(0) / 2)


def test_parts_are_no_copies():
    """2.4 GB at 1,000 classes x 768."""
    found = FullCovariances.of_images([images(9), images(7, 1)], CovarianceForm())
    assert found.select(slice(1)).covariances.data_ptr() == found.covariances.data_ptr()


def test_roots_are_the_cholesky_factors():
    found = FullCovariances.of_images([images(9), images(1)], CovarianceForm())
    for place, root in enumerate(found.roots(0.1)):
        factor = root(torch.eye(WIDTH)).T
        torch.testing.assert_close(factor @ factor.T, found.of(place) + 0.1 * torch.eye(WIDTH))


def test_none_are_kept():
    none = no_covariances(2)
    assert not none.kept and none.numbers == 0 and none.why_not(2, WIDTH) is None and none.why_not(3, WIDTH)
    assert not none.extended(no_covariances(1)).kept and none.extended(no_covariances(1)).why_not(3, WIDTH) is None


def test_what_no_training_leaves_is_told():
    found = FullCovariances.of_images([images(9)], CovarianceForm())
    assert found.why_not(1, WIDTH) is None and found.why_not(1, WIDTH + 1)
    assert FullCovariances(found.covariances / 0).why_not(1, WIDTH)
