"""A bird as data: edits, random values, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from engine.data.aviary.attributes import ATTRIBUTES, INDEX
from engine.data.aviary.bird import Bird, edit, random_values
from engine.errors import BadParameter

ZEROS = (0,) * len(ATTRIBUTES)


def test_edit_changes_one_code_and_keeps_the_seed() -> None:
    edited = edit(Bird(ZEROS, seed=7), "bill", "curved")
    expected = list(ZEROS)
    expected[INDEX["bill"]] = 2
    assert edited == Bird(tuple(expected), seed=7)
    assert edited.value("bill") == "curved"


def test_edit_names_what_is_allowed() -> None:
    with pytest.raises(BadParameter, match="bill = 'round': bill may be hooked, straight, curved, stout, flat"):
        edit(Bird(ZEROS, 0), "bill", "round")
    with pytest.raises(BadParameter, match="attribute = 'beak': known attributes are crown, back"):
        edit(Bird(ZEROS, 0), "beak", "hooked")


@pytest.mark.parametrize(
    ("values", "seed", "named"),
    [
        (ZEROS[:-1], 0, "values with 12 codes"),
        ((10, *ZEROS[1:]), 0, "values: crown = 10"),
        ((*ZEROS[:-1], -1), 0, "values: habitat = -1"),
        (ZEROS, -1, "seed = -1"),
    ],
)
def test_impossible_birds_are_refused(values: tuple[int, ...], seed: int, named: str) -> None:
    with pytest.raises(BadParameter, match=named):
        Bird(values, seed)


def test_random_values_cover_every_value_evenly() -> None:
    rng = np.random.default_rng(0)
    drawn = np.array([random_values(rng) for _ in range(3000)])
    for column, attribute in zip(drawn.T, ATTRIBUTES, strict=True):
        share = np.bincount(column, minlength=len(attribute.values)) / len(drawn)
        assert len(share) == len(attribute.values)
        # Four standard errors of a share near 1/3 with 3000 draws are 0.034.
        assert np.abs(share - 1 / len(attribute.values)).max() < 0.035
