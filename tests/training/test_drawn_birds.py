"""A bird drawn to order is known as well as one of the data: its truth is in its codes, its class in its plumage."""

import numpy as np

from engine.data.aviary.bird import Bird, edit
from engine.data.aviary.species import load_species
from engine.data.aviary.world import TRUTH_NAMES
from engine.session.subjects import ref_of, subject


def test_a_bird_in_a_species_plumage_has_its_class_wherever_it_is_drawn(tiny_lab):
    bird = Bird(load_species(6)[2].plumages[0], 7)
    for drawn in (bird, edit(bird, "habitat", "snow"), edit(bird, "habitat", "desert")):
        found = subject(tiny_lab, ref_of(drawn))
        assert found.class_id == 2
        assert found.label == tiny_lab.stream.class_order.index(2)


def test_a_bird_of_no_species_has_none(tiny_lab):
    changed = edit(Bird(load_species(6)[2].plumages[0], 7), "crown", "grey")
    found = subject(tiny_lab, ref_of(changed))
    assert (found.class_id, found.label) == (None, None)


def test_its_truth_is_that_of_the_same_bird_in_the_data(tiny_lab):
    split = tiny_lab.dataset.splits["test"]
    found = subject(tiny_lab, ref_of(split.birds(3)))
    np.testing.assert_array_equal(found.truth, split.truth[3])
    assert next(TRUTH_NAMES[i] for i in np.flatnonzero(found.truth)).startswith("crown:")
