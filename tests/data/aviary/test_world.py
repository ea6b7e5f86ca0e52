"""The Aviary as a dataset: stable individuals, the right amount of variation, homes, and the moved split."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from engine.array_types import Ints
from engine.data.aviary.attributes import ATTRIBUTES
from engine.data.aviary.render import render_with_parts
from engine.data.aviary.species import load_species
from engine.data.aviary.world import Aviary
from engine.errors import BadParameter

SMALL = Aviary(species=6, train_per_class=12, test_per_class=8)
LARGE = Aviary(species=40, train_per_class=400, test_per_class=200)
HABITAT = len(ATTRIBUTES) - 1


def homes(aviary: Aviary, split: str) -> Ints:
    species = load_species(aviary.species)
    return np.array([species[label].habitat for label in aviary.splits[split].labels])


def test_shapes_and_class_major_order() -> None:
    train = SMALL.splits["train"]
    assert set(SMALL.splits) == {"train", "test", "moved"}
    np.testing.assert_array_equal(train.labels, np.repeat(np.arange(6), 12))
    assert len(SMALL.class_names) == 6
    images = train.images([0, 71], 32)
    assert images.shape == (2, 32, 32, 3)
    assert images.dtype == np.uint8
    assert train.parts([3], 32).shape == (1, 32, 32)
    assert train.images([], 32).shape == (0, 32, 32, 3)
    np.testing.assert_array_equal(train.parts([3], 32)[0], render_with_parts(train.birds(3), 32)[1])


def test_truth_has_one_true_value_per_attribute_and_agrees_with_the_bird() -> None:
    split = SMALL.splits["test"]
    assert split.truth.shape == (48, 77)
    assert len(SMALL.truth_names) == len(SMALL.truth_groups) == 77
    for index in (0, 17, 47):
        bird = split.birds(index)
        expected = {f"{a.name}:{bird.value(a.name)}" for a in ATTRIBUTES}
        assert {SMALL.truth_names[k] for k in np.flatnonzero(split.truth[index])} == expected
    assert all(name.startswith(group + ":") for name, group in zip(SMALL.truth_names, SMALL.truth_groups, strict=True))


def test_birds_do_not_depend_on_how_many_there_are() -> None:
    more = Aviary(species=9, train_per_class=30, test_per_class=8)
    for label in range(6):
        for number in (0, 5, 11):
            assert SMALL.splits["train"].birds(label * 12 + number) == more.splits["train"].birds(label * 30 + number)


def test_train_and_test_show_different_birds_and_so_does_another_seed() -> None:
    train = {SMALL.splits["train"].birds(i).seed for i in range(72)}
    test = {SMALL.splits["test"].birds(i).seed for i in range(48)}
    assert not train & test
    assert SMALL.splits["train"].birds(0) != replace(SMALL, seed=1).splits["train"].birds(0)


def test_variation_changes_the_asked_share_of_attributes() -> None:
    one = [s for s in range(40) if len(load_species(40)[s].plumages) == 1]
    split = LARGE.splits["train"]
    chosen = np.isin(split.labels, one)
    own = np.array([load_species(40)[label].plumages[0] for label in split.labels[chosen]])
    share = (split.codes[chosen, :HABITAT] != own[:, :HABITAT]).mean(axis=0)  # [12], of 11,200 birds each
    assert np.abs(share - LARGE.variation).max() < 0.015


def test_without_variation_birds_show_their_species_in_both_plumages() -> None:
    split = replace(LARGE, variation=0.0).splits["test"]
    for label, species in enumerate(load_species(40)):
        shown = {tuple(row) for row in split.codes[split.labels == label][:, :HABITAT].tolist()}
        assert shown == {plumage[:HABITAT] for plumage in species.plumages}


@pytest.mark.parametrize("split", ["train", "test"])
def test_birds_keep_to_their_homes(split: str) -> None:
    at_home = LARGE.splits[split].codes[:, HABITAT] == homes(LARGE, split)
    assert abs(at_home.mean() - 0.95) < 0.01


def test_full_and_no_fidelity() -> None:
    for fidelity in (0.0, 1.0):
        aviary = replace(SMALL, habitat_fidelity=fidelity)
        assert (aviary.splits["train"].codes[:, HABITAT] == homes(aviary, "train")).mean() == fidelity


def test_moved_birds_are_never_at_home_and_evenly_spread() -> None:
    moved = LARGE.splits["moved"].codes[:, HABITAT]
    home = homes(LARGE, "moved")
    assert not (moved == home).any()
    for habitat in range(6):
        share = np.bincount(moved[home == habitat], minlength=6) / (home == habitat).sum()
        assert np.abs(np.delete(share, habitat) - 0.2).max() < 0.05


def test_moved_birds_are_the_test_birds_elsewhere() -> None:
    test, moved = SMALL.splits["test"], SMALL.splits["moved"]
    np.testing.assert_array_equal(test.codes[:, :HABITAT], moved.codes[:, :HABITAT])
    np.testing.assert_array_equal(test.seeds, moved.seeds)
    index = int(np.flatnonzero(test.codes[:, HABITAT] != moved.codes[:, HABITAT])[0])
    (here,), (there,) = test.images([index], 96), moved.images([index], 96)
    parts = test.parts([index], 96)[0]
    np.testing.assert_array_equal(parts, moved.parts([index], 96)[0])
    changed = (here != there).any(axis=-1)
    assert changed[parts == 0].mean() > 0.8
    assert changed[parts != 0].mean() < 0.25  # edges blend with what is behind them


def test_digests_follow_what_the_pictures_depend_on() -> None:
    def digests(aviary: Aviary) -> list[str]:
        return [aviary.splits[name].digest for name in ("train", "test", "moved")]

    assert len(set(digests(SMALL))) == 3
    assert digests(SMALL) == digests(replace(SMALL))
    fewer = digests(replace(SMALL, train_per_class=5))
    assert fewer[0] != digests(SMALL)[0]
    assert fewer[1:] == digests(SMALL)[1:]
    for change in ({"seed": 1}, {"variation": 0.1}, {"habitat_fidelity": 0.5}, {"species": 7}):
        assert not set(digests(replace(SMALL, **change))) & set(digests(SMALL))  # type: ignore[arg-type]


def test_class_digests_follow_the_birds_and_not_the_other_species() -> None:
    own = SMALL.class_digests
    assert tuple(own) == SMALL.class_names and len(set(own.values())) == len(own)
    assert replace(SMALL, species=7).class_digests.items() >= own.items()
    for change in ({"seed": 1}, {"variation": 0.9}, {"habitat_fidelity": 0.1}, {"train_per_class": 5}):
        assert not set(replace(SMALL, **change).class_digests.values()) & set(own.values())  # type: ignore[arg-type]


def test_the_concepts_digest_follows_the_texts() -> None:
    assert replace(SMALL, train_per_class=5).concepts_digest == SMALL.concepts_digest
    assert (
        len({SMALL.concepts_digest, replace(SMALL, seed=1).concepts_digest, replace(SMALL, species=7).concepts_digest})
        == 3
    )


def test_candidates_are_stable_and_hold_truth() -> None:
    candidates = SMALL.candidates(2)
    assert candidates == replace(SMALL, train_per_class=3).candidates(2)
    named = {SMALL.truth_names[c.truth] for c in candidates if c.truth is not None}
    first = load_species(6)[2].plumages[0]
    assert {f"{a.name}:{a.values[code]}" for a, code in zip(ATTRIBUTES, first, strict=True)} <= named
    assert any(c.truth is None for c in candidates)


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("species", 0),
        ("species", 201),
        ("train_per_class", 0),
        ("test_per_class", 0),
        ("variation", -0.01),
        ("variation", 1.01),
        ("habitat_fidelity", 1.01),
        ("habitat_fidelity", float("nan")),
        ("seed", -1),
        ("seed", "x"),
    ],
)
def test_parameters_out_of_range_are_refused(parameter: str, value: object) -> None:
    with pytest.raises(BadParameter, match=rf"aviary: {parameter} = .*must be a.*number from"):
        Aviary(**{parameter: value})  # type: ignore[arg-type]
