"""Runs found by words, each of which must be somewhere in what is known of a run."""

import pytest

from engine.runs.config import preset
from engine.store.search import data_of, matches
from engine.store.shelf import Shelf


@pytest.fixture
def entries(empty_store):
    """Three runs by their name."""
    tiny = preset("tiny")
    shelf = Shelf(empty_store)
    first = empty_store.create(tiny.changed(seed=2, settings={"epochs": 9}), "first")
    empty_store.create(tiny.changed(seed=1992), "second")
    empty_store.create(tiny.changed(method="ncm", seed=2, dataset="folder", path="/data/my birds"), "seed 7 of mine")
    shelf.tag({first: ["for the talk"]})
    shelf.note(first, "Worth keeping")
    return {entry.run.name: entry for entry in shelf.entries()}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {"first", "second", "seed 7 of mine"}),
        ("clg seed 2", {"first"}),
        ("CLG-CBM SEED=2", {"first"}),
        ("seed 2", {"first", "seed 7 of mine"}),
        ("2 seed", set()),  # a lone 2 is none of their words, and 1992 has none
        ("seed 1992", {"second"}),
        ("epochs 9 first", {"first"}),
        ("epochs 8", set()),
        ("nearest mean", {"seed 7 of mine"}),
        ("seed 7", {"seed 7 of mine"}),  # nobody has that seed, but a name
        ("talk keeping", {"first"}),
        ("folder birds", {"seed 7 of mine"}),
        ("aviary", {"first", "second"}),
        ("queued second", {"second"}),
        ("second first", set()),
        ("search_epochs", {"first", "second"}),  # a setting that only one method has
    ],
)
def test_every_word_must_be_somewhere(entries, text, found):
    assert {name for name, entry in entries.items() if matches(entry, text)} == found


def test_an_id_is_found_whole_and_by_its_parts(entries):
    run = entries["first"].run.id
    assert matches(entries["first"], run)
    assert matches(entries["first"], run.split("-")[2]) and matches(entries["first"], run.split("-")[0])


def test_data_are_named_by_source_and_folder(entries):
    assert data_of(entries["first"].run) == "aviary"
    assert data_of(entries["seed 7 of mine"].run) == "folder my birds"


def test_a_damaged_run_is_found_by_what_is_left(empty_store, behind_its_back):
    empty_store.create(preset("tiny"), "broken one")
    behind_its_back(empty_store, "UPDATE runs SET config = '{}'")
    (entry,) = Shelf(empty_store).entries()
    assert matches(entry, "damaged broken") and not matches(entry, "seed 2")
