"""The species table: complete, balanced, told apart, and truthfully named."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest

from engine.data.aviary.attributes import ATTRIBUTES, INDEX
from engine.data.aviary.phrases import NOUN_WORDS
from engine.data.aviary.speciation import ADJECTIVES, EPITHETS, as_text
from engine.data.aviary.species import SPECIES_FILE, Species, held_out, load_species
from engine.errors import BadParameter

ALL = load_species(200)


def differences(a: tuple[int, ...], b: tuple[int, ...]) -> int:
    return sum(x != y for x, y in zip(a[:-1], b[:-1], strict=True))


def shows(species: Species, attribute: str) -> str:
    position = INDEX[attribute]
    return ATTRIBUTES[position].values[species.plumages[0][position]]


def test_shipped_table_is_what_the_generator_makes() -> None:
    assert SPECIES_FILE.read_text(encoding="utf-8") == as_text()


def test_fifty_genera_of_four_with_unique_names() -> None:
    assert len({species.name for species in ALL}) == 200
    assert Counter(Counter(species.genus for species in ALL).values()) == {4: 50}


def test_birds_of_two_species_differ_in_two_attributes_or_more() -> None:
    for a, b in combinations(ALL, 2):
        assert min(differences(p, q) for p in a.plumages for q in b.plumages) >= 2, (a.name, b.name)


def test_sister_species_differ_in_exactly_two_attributes_and_others_in_many() -> None:
    for a, b in combinations(ALL, 2):
        gap = differences(a.plumages[0], b.plumages[0])
        assert gap == 2 if a.genus == b.genus else gap >= 5, (a.name, b.name)


@pytest.mark.parametrize(("size", "first"), [(5, 0), (10, 0), (20, 40)])
def test_sister_species_lie_in_different_tasks(size: int, first: int) -> None:
    """Tasks of 20 cannot separate four sisters among the first 40 species, which make two such tasks."""
    for start in range(first, 200, size):
        genera = [species.genus for species in ALL[start : start + size]]
        assert len(set(genera)) == size


def test_the_demo_holds_whole_genera() -> None:
    assert Counter(Counter(species.genus for species in load_species(40)).values()) == {4: 10}


def test_names_are_true_of_the_first_plumage() -> None:
    nouns = {noun: told for told, noun in NOUN_WORDS.items()}
    adjectives = {word: attribute for attribute, word in ADJECTIVES}
    parts = {word: attribute for attribute, word in EPITHETS.items()}
    for species in ALL:
        epithet, *more, noun = species.name.split()
        colour, part = epithet.split("-")
        assert shows(species, parts[part]) == colour
        attribute, value = nouns[noun]
        assert shows(species, attribute) == value
        for word in more:
            assert shows(species, adjectives[word]) == word
        assert species.name == f"{epithet} {species.genus}"


def test_names_tell_sisters_apart_by_their_colour() -> None:
    for a, b in combinations(ALL, 2):
        if a.genus == b.genus:
            assert a.name.split("-")[0] != b.name.split("-")[0]
            assert a.name.split()[0].split("-")[1] == b.name.split()[0].split("-")[1]


def test_second_plumages() -> None:
    two = [species for species in ALL if len(species.plumages) == 2]
    assert len(two) == 60
    assert sum(len(species.plumages) == 2 for species in ALL[:40]) == 12
    for species in two:
        assert 2 <= differences(*species.plumages) <= 3
        assert species.plumages[0][-1] == species.plumages[1][-1] == species.habitat


def test_habitats_are_balanced_and_shared_by_two_sisters() -> None:
    for count in (40, 200):
        used = Counter(species.habitat for species in ALL[:count])
        assert max(used.values()) - min(used.values()) <= 6
        assert len(used) == 6
    homes = Counter((species.genus, species.habitat) for species in ALL)
    assert set(homes.values()) == {2}


def test_held_out_are_all_plumages_without_habitat() -> None:
    assert held_out() == {plumage[:-1] for species in ALL for plumage in species.plumages}
    assert len(held_out()) == 260


@pytest.mark.parametrize("count", [0, 201, -1])
def test_bad_counts_are_refused(count: int) -> None:
    with pytest.raises(BadParameter, match="1 to 200 species"):
        load_species(count)
