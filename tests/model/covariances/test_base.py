"""What holds of every form, and that no two are mixed."""

from itertools import permutations

import pytest
import torch

from engine.errors import NotApplicable
from engine.model.covariance_form import FORMS, CovarianceForm
from engine.model.covariances.every import COVARIANCES
from engine.model.covariances.full import no_covariances

WIDTH = 4


def made(name, seed=0):
    draw = torch.Generator().manual_seed(seed)
    classes = [torch.randn(count, WIDTH, generator=draw) for count in (12, 7, 1)]
    return COVARIANCES[name].of_images(classes, CovarianceForm(name, 2))


def test_every_declared_form_is_there_and_says_its_name():
    assert COVARIANCES.keys() == FORMS.keys()
    assert all(name == form.name for name, form in COVARIANCES.items())


@pytest.mark.parametrize("name", FORMS)
def test_what_is_taken_apart_comes_together_again(name):
    whole = made(name)
    parts = [whole.select(rows) for rows in (slice(1), [1], torch.tensor([2]))]
    again = COVARIANCES[name].of_parts(parts)
    assert whole.tensors.keys() == COVARIANCES[name].axes.keys()
    assert all(torch.equal(again.tensors[key], kept) for key, kept in whole.tensors.items())
    assert all(kept.ndim == whole.axes[key] for key, kept in whole.tensors.items())
    assert whole.why_not(3, WIDTH) is None and whole.kept and whole.width == WIDTH


@pytest.mark.parametrize("name", FORMS)
def test_a_symmetric_matrix_a_class_without_negative_variance(name):
    for place in range(3):
        matrix = made(name).of(place)
        torch.testing.assert_close(matrix, matrix.T)
        assert torch.linalg.eigvalsh(matrix.double()).min() > -1e-6


@pytest.mark.parametrize("name", FORMS)
def test_where_nothing_moves_nothing_changes(name):
    before = made(name)
    after = before.turned(lambda spread: spread)
    for key, kept in before.tensors.items():
        torch.testing.assert_close(after.tensors[key], kept)


@pytest.mark.parametrize(("one", "other"), permutations(FORMS, 2))
def test_forms_do_not_mix(one, other):
    with pytest.raises(NotApplicable, match=f"{one}, and this task's method keeps .*{other}.*class_covariances"):
        made(one).extended(made(other))


@pytest.mark.parametrize("name", FORMS)
def test_some_and_none_do_not_mix(name):
    with pytest.raises(NotApplicable, match="the run so far kept no covariances of its classes"):
        no_covariances(2).extended(made(name))
    with pytest.raises(NotApplicable, match="keeps no covariances"):
        made(name).extended(no_covariances(2))
