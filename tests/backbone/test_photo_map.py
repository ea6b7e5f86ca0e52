"""The map between a classifier's rows and its classes' names, against what it must be by hand."""

import numpy as np
import pytest

from engine.backbone.photo_map import fit_maps


def unit(values):
    return values / np.linalg.norm(values, axis=-1, keepdims=True)


@pytest.fixture
def world():
    noise = np.random.default_rng(0)
    in_common = np.array([3.0, 0, 0, 0, 0, 0])
    names = unit(noise.normal(size=(40, 6)) + in_common)
    return noise.normal(size=(40, 50)), names


def test_two_classes_by_hand():
    """Rows ±e1 about (5, 5), names e1 and e2: the moment is I/2, with shrinkage 1 it becomes I and changes nothing.
    Centred aims are ±(1/2, -1/2); ridge 2 halves them, for the rows' Gram matrix has the eigenvalue 2."""
    maps = fit_maps(np.array([[6.0, 5.0], [4.0, 5.0]]), np.eye(2), shrinkage=1.0, ridge=2.0)
    assert np.allclose(maps.text, np.eye(2))
    assert np.allclose(maps.image, [[0.25, 0], [-0.25, 0]])


def test_every_row_is_sent_to_its_name_where_nothing_is_held_back(world):
    rows, names = world
    maps = fit_maps(rows, names, ridge=1e-9)
    aims = unit(names @ maps.text)
    assert np.allclose((rows - rows.mean(0)) @ maps.image.T, aims - aims.mean(0), atol=1e-6)


def test_ridge_shrinks_the_map(world):
    sizes = [np.linalg.norm(fit_maps(*world, ridge=ridge).image) for ridge in (0.1, 10, 1000)]
    assert sizes[0] > sizes[1] > 10 * sizes[2]


def test_whitening_evens_out_what_names_have_in_common(world):
    _, names = world
    wholly = names @ fit_maps(*world, shrinkage=1e-9).text
    assert np.allclose(wholly.T @ wholly / len(names), np.eye(6), atol=1e-6)
    assert np.allclose(unit(names @ fit_maps(*world, shrinkage=1e6).text), names, atol=1e-5)
    among = [np.mean(unit(names @ fit_maps(*world, shrinkage=s).text) @ names.mean(0)) for s in (1e-9, 1, 1e6)]
    assert among[0] < among[1] < among[2]


def test_what_is_added_to_all_rows_makes_no_difference(world):
    rows, names = world
    assert np.allclose(fit_maps(rows + 7, names).image, fit_maps(rows, names).image)
