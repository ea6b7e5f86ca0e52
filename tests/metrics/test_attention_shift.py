"""How far a map moved, on maps small enough to see it."""

import numpy as np
import pytest

from engine.metrics.attention_shift import NAMES, centre_of_mass, growing, normalised, shifts, top


def patch(row: int, column: int, side: int = 5, height: float = 1.0) -> np.ndarray:
    heat = np.zeros((side, side))
    heat[row, column] = height
    return heat


def named(clean: np.ndarray, attacked: np.ndarray) -> dict[str, float]:
    return dict(zip(NAMES, shifts(clean, attacked), strict=True))


def test_one_bright_patch_moves_two_to_the_right():
    found = named(patch(2, 0, side=4, height=3.0), patch(2, 2, side=4, height=0.5))
    # 16 patches, round(3.2) = 3 on top: the bright one and, by the tie, the first two of the top row in both maps.
    assert found["iou"] == 2 / 4
    assert found["displacement"] == 2.0
    assert found["l1"] == 2 / 16  # two patches changed by 1 after min-max, whatever their raw height
    assert found["l2"] == pytest.approx(np.sqrt(2 / 16))
    assert found["cosine"] == pytest.approx(-1 / 15)  # (0 - 1/16) / (1 - 1/16)


def test_a_patch_that_moves_leaves_nothing_of_the_top_where_one_patch_is_the_top():
    found = named(patch(0, 0, side=2), patch(1, 1, side=2))  # round(0.2 * 4) = 1
    assert found["iou"] == 0.0
    assert found["displacement"] == pytest.approx(np.sqrt(2))


def test_a_map_that_only_grows_or_rises_has_not_moved():
    heat = np.random.default_rng(1).normal(size=(8, 8))
    np.testing.assert_allclose(shifts(heat, 3 * heat + 7), [0, 0, 1, 1, 0], atol=1e-12)
    np.testing.assert_allclose(growing(shifts(heat, heat)), np.zeros(5), atol=1e-12)


def test_turning_a_map_upside_down_is_the_largest_shift():
    found = named(np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [1.0, 0.0]]))
    assert found == {"l1": 1.0, "l2": 1.0, "cosine": pytest.approx(-1.0), "iou": 0.0, "displacement": 1.0}


def test_flat_maps_are_defined():
    flat, spot = np.full((3, 3), 0.4), patch(0, 1, side=3)
    np.testing.assert_array_equal(shifts(flat, flat + 1), [0, 0, 1, 1, 0])
    found = named(flat, spot)
    assert found["cosine"] == 0.0
    assert found["displacement"] == 1.0  # from the middle (1, 1) to (0, 1)
    assert found["l1"] == pytest.approx(1 / 9)
    np.testing.assert_array_equal(normalised(flat), np.zeros((3, 3)))


def test_the_top_fifth_of_64_patches_is_13_and_ties_go_to_the_top_left():
    chosen = top(np.zeros((8, 8)))
    assert chosen.sum() == 13
    assert chosen.ravel()[:13].all()


def test_maps_are_measured_one_by_one():
    rng = np.random.default_rng(0)
    clean, attacked = rng.normal(size=(2, 3, 4, 8, 8))
    found = shifts(clean, attacked)
    assert found.shape == (3, 4, 5)
    np.testing.assert_allclose(found[2, 1], shifts(clean[2, 1], attacked[2, 1]))
    assert shifts(clean[:0], attacked[:0]).shape == (0, 4, 5)


def test_turning_the_picture_turns_nothing_of_the_measure():
    clean, attacked = np.random.default_rng(2).normal(size=(2, 8, 8))
    np.testing.assert_allclose(shifts(clean.T, attacked.T), shifts(clean, attacked))
    np.testing.assert_allclose(shifts(attacked, clean), shifts(clean, attacked))


def test_an_unknown_map_has_an_unknown_shift_and_no_other():
    clean = np.random.default_rng(3).normal(size=(2, 4, 4))
    attacked = clean.copy()
    attacked[0, 0, 0] = np.nan
    found = shifts(clean, attacked)
    assert np.isnan(found[0]).all()
    np.testing.assert_allclose(found[1], [0, 0, 1, 1, 0], atol=1e-12)


def test_the_centre_of_two_equal_weights_lies_between_them():
    np.testing.assert_array_equal(centre_of_mass(patch(0, 1) + patch(4, 3)), [2.0, 2.0])


@pytest.mark.parametrize("shape", [(4, 5), (16,)])
def test_maps_must_be_square(shape):
    with pytest.raises(ValueError, match="g, g"):
        shifts(np.zeros(shape), np.zeros(shape))
    with pytest.raises(ValueError, match="one shape"):
        shifts(np.zeros((2, 2)), np.zeros((3, 3)))
