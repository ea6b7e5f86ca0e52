"""Saved selections of pictures: kept with the run, found again, removed and brought back."""

import pytest

from engine.errors import BadInput, StoreDamaged, UnknownRun
from engine.jobs import control
from engine.runs.config import preset
from engine.store.selections import MAX_NAME, MAX_PICTURES, Selections
from engine.store.shelf import Shelf
from engine.store.store import RunStore


@pytest.fixture
def run(empty_store):
    return empty_store.create(preset("tiny"))


@pytest.fixture
def selections(empty_store):
    return Selections(empty_store)


def test_what_is_saved_is_found_again_the_newest_first(selections, run):
    first = selections.save(run, "  lost\nones ", ["test:3", "moved:7", "test:3"])
    second = selections.save(run, "others", ["val:0"])
    assert (first.name, first.pictures) == ("lost ones", ("test:3", "moved:7"))
    assert selections.all(run) == [second, first]
    assert selections.get(run, first.id) == first


def test_a_removed_one_leaves_the_list_keeps_its_address_and_comes_back(selections, run):
    kept = selections.save(run, "name", ["test:1"])
    selections.remove(run, kept.id)
    assert selections.all(run) == []
    assert selections.get(run, kept.id) == kept
    selections.restore(run, kept.id)
    assert selections.all(run) == [kept]


def test_a_name_is_taken_once_and_free_when_removed(selections, run):
    first = selections.save(run, "name", ["test:1"])
    with pytest.raises(BadInput, match="one of that name"):
        selections.save(run, " name ", ["test:2"])
    selections.remove(run, first.id)
    selections.save(run, "name", ["test:2"])
    with pytest.raises(BadInput, match="one of that name"):
        selections.restore(run, first.id)


@pytest.mark.parametrize(
    ("name", "pictures", "said"),
    [
        ("  ", ["test:1"], f"1 to {MAX_NAME} characters"),
        ("x" * (MAX_NAME + 1), ["test:1"], f"1 to {MAX_NAME} characters"),
        ("none", [], "0 pictures"),
        ("many", [f"test:{i}" for i in range(MAX_PICTURES + 1)], "a selection has 1 to 10,000"),
        ("strange", ["test:1", "../../etc/passwd"], "SPLIT:NUMBER"),
        ("other digits", ["test:\u0663"], "SPLIT:NUMBER"),
    ],
)
def test_what_cannot_be_kept_is_refused_and_nothing_is_written(selections, run, name, pictures, said):
    with pytest.raises(BadInput, match=said):
        selections.save(run, name, pictures)
    assert selections.all(run) == []


def test_another_runs_selection_is_none_of_this_one(selections, run, empty_store):
    other = empty_store.create(preset("tiny"))
    kept = selections.save(run, "name", ["test:1"])
    for act in (selections.get, selections.remove, selections.restore):
        with pytest.raises(BadInput, match="none of this number"):
            act(other, kept.id)
    with pytest.raises(UnknownRun):
        selections.save("nobody", "name", ["test:1"])


def test_a_fork_has_its_parents_selections_and_then_its_own_but_not_what_was_said_of_the_parent(
    own_tiny_home, monkeypatch
):
    monkeypatch.setattr("engine.jobs.queue._start", lambda store, job: None)
    store = RunStore(own_tiny_home)
    parent, selections = store.resolve("last"), Selections(store)
    kept = selections.save(parent, "odd ones", ["test:3", "val:7"])
    gone = selections.save(parent, "gone", ["test:1"])
    selections.remove(parent, gone.id)
    Shelf(store).tag({parent: ["final"]})
    child = control.fork(parent, 1, {}, store=store)
    (copied,) = selections.all(child)
    assert (copied.run, copied.name, copied.pictures) == (child, "odd ones", ("test:3", "val:7"))
    selections.remove(child, copied.id)
    assert selections.all(child) == [] and selections.all(parent) == [kept]
    assert {entry.run.id: entry.tags for entry in Shelf(store).entries()}[child] == ()  # "final" is not true of it


def test_a_damaged_one_is_said_to_be_damaged(selections, run, empty_store, behind_its_back):
    selections.save(run, "name", ["test:1"])
    behind_its_back(empty_store, "UPDATE selections SET pictures = '[\"test:2\"]'")
    with pytest.raises(StoreDamaged, match="not what was written"):
        selections.all(run)
