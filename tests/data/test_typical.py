"""A picture that stands for a species does not contradict its name."""

import numpy as np
import pytest

from engine.data.aviary.species import load_species
from engine.data.aviary.world import Aviary
from engine.data.listed import ListedSplit
from engine.data.typical import typical
from engine.exhibits.pictures import samples


@pytest.fixture(scope="module")
def aviary() -> Aviary:
    return Aviary()


def test_the_first_bird_of_every_species_of_the_demo_has_the_mark_in_its_name(aviary):
    split = aviary.splits["train"]
    for class_id, species in enumerate(load_species(40)):
        (row,) = samples(aviary, class_id, {class_id: 7})
        colour, _, part = species.name.split()[0].partition("-")
        attribute = {"winged": "wing", "crowned": "crown", "breasted": "breast", "backed": "back"}[part]
        assert split.birds(row).value(attribute) == colour, species.name
        assert split.labels[row] == class_id


def test_the_order_is_the_declared_one(aviary):
    split, species = aviary.splits["train"], load_species(40)[3]
    rows = typical(split, 3)
    assert sorted(rows.tolist()) == np.flatnonzero(split.labels == 3).tolist()
    differs = split.codes[rows] != np.array(species.plumages[0])
    mark = {"winged": 2, "crowned": 0, "breasted": 3, "backed": 1}[species.name.split()[0].partition("-")[2]]
    keys = [(bool(bird[mark]), int(bird.sum()), int(row)) for bird, row in zip(differs, rows, strict=True)]
    assert keys == sorted(keys) and keys[0][1] == 0


def test_of_other_data_the_one_nearest_to_the_mean_comes_first_and_then_the_first():
    split = ListedSplit((), np.array([1, 0, 1, 1]), "digest")
    assert typical(split, 1).tolist() == [0, 2, 3]
    assert typical(split, 1, nearest=2).tolist() == [2, 0, 3]
    assert typical(split, 1, nearest=1).tolist() == [0, 2, 3]  # the data have changed: it is of another class now
