"""The shelf: marks, notes, names and the bin."""

import os
import sqlite3

import numpy as np
import pytest

from engine.errors import BadParameter, NotApplicable, StoreFull, StoreReadOnly, UnknownRun
from engine.jobs import control
from engine.records.events import TaskFinished
from engine.runs.config import preset
from engine.store.database import FILE, Database
from engine.store.marks import PictureMarks
from engine.store.schema import STEPS, VERSION
from engine.store.seals import seal
from engine.store.shelf import MAX_NOTE, MAX_TAG, MAX_TAGS, Shelf
from engine.store.store import MAX_NAME, RunStore
from engine.store.view import RunView
from tests.job_states import adopt, set_status

HOSTILE = "<img src=x onerror=alert(1)> '; DROP TABLE runs; --\x00"


@pytest.fixture
def shelf(empty_store):
    return Shelf(empty_store)


def ended(store, name="", status="finished"):
    run = store.create(preset("tiny"), name)
    set_status(store, run, status)
    return run


def entry(shelf, run):
    return next(entry for entry in shelf.entries() if entry.run.id == run)


def test_nothing_was_ever_stored(shelf, empty_store):
    assert shelf.entries() == shelf.bin() == []
    assert shelf.bin_bytes() == 0
    assert shelf.matrices([]) == {}
    assert not empty_store.home.exists()


def test_a_run_that_nobody_touched_has_no_marks(shelf, empty_store):
    run = ended(empty_store, "one")
    found = entry(shelf, run)
    assert (found.run.name, found.starred, found.note, found.removed, found.imported) == ("one", False, "", None, "")


def test_marks_notes_and_names_are_kept_apart(shelf, empty_store):
    one, other = ended(empty_store, "one"), ended(empty_store, "other")
    shelf.star(one)
    shelf.note(one, "  worth keeping\n")
    shelf.rename(one, " the\nfirst ")
    found = entry(shelf, one)
    assert (found.run.name, found.starred, found.note) == ("the first", True, "worth keeping")
    assert (entry(shelf, other).run.name, entry(shelf, other).starred, entry(shelf, other).note) == ("other", False, "")
    shelf.star(one, False)
    shelf.note(one, "")
    shelf.rename(one, "")
    assert (entry(shelf, one).run.name, entry(shelf, one).starred, entry(shelf, one).note) == ("", False, "")


def test_name_note_and_tags_are_written_together_or_not_at_all(shelf, empty_store):
    run = ended(empty_store, "as it was")
    shelf.describe(run, "new name", "new note", ["new"])
    found = entry(shelf, run)
    assert (found.run.name, found.note, found.tags) == ("new name", "new note", ("new",))
    with pytest.raises(BadParameter):
        shelf.describe(run, "newer name", "x" * (MAX_NOTE + 1), [])
    assert entry(shelf, run).run.name == "new name"


def test_hostile_words_are_only_words(shelf, empty_store):
    run = ended(empty_store)
    shelf.describe(run, HOSTILE, HOSTILE, [])
    assert (entry(shelf, run).run.name, entry(shelf, run).note) == (HOSTILE, HOSTILE)


@pytest.mark.parametrize(
    ("act", "most"), [(lambda s, r, t: s.note(r, t), MAX_NOTE), (lambda s, r, t: s.rename(r, t), MAX_NAME)]
)
def test_too_many_characters_are_refused_and_change_nothing(shelf, empty_store, act, most):
    run = ended(empty_store)
    act(shelf, run, "x" * most)
    before = entry(shelf, run)
    with pytest.raises(BadParameter, match=f"of {most + 1} characters.*at most {most}"):
        act(shelf, run, "y" * (most + 1))
    assert entry(shelf, run) == before


@pytest.mark.parametrize(
    "act",
    [
        lambda s: s.star("nobody"),
        lambda s: s.note("nobody", ""),
        lambda s: s.rename("nobody", ""),
        lambda s: s.remove("nobody"),
        lambda s: s.restore("nobody"),
    ],
)
def test_an_unknown_run_is_said_to_be_unknown(shelf, empty_store, act):
    ended(empty_store)
    with pytest.raises(UnknownRun, match="nobody"):
        act(shelf)


# -- tags --------------------------------------------------------------------------------------------------------------


def test_tags_are_put_on_several_runs_and_replaced(shelf, empty_store):
    one, other, bare = (ended(empty_store) for _ in range(3))
    shelf.tag({one: [" for  the talk", "kept", "kept"], other: ["kept"]})
    assert [entry(shelf, run).tags for run in (one, other, bare)] == [("for the talk", "kept"), ("kept",), ()]
    shelf.tag({one: []})
    assert [entry(shelf, run).tags for run in (one, other)] == [(), ("kept",)]


@pytest.mark.parametrize("tags", [[""], ["x" * (MAX_TAG + 1)], [str(i) for i in range(MAX_TAGS + 1)]])
def test_tags_are_changed_all_or_not_at_all(shelf, empty_store, tags):
    run = ended(empty_store)
    shelf.tag({run: ["as it was"]})
    with pytest.raises(BadParameter, match=f"1 to {MAX_TAG} characters.*at most {MAX_TAGS} tags"):
        shelf.tag({run: tags})
    with pytest.raises(UnknownRun):
        shelf.tag({run: ["other"], "nobody": ["other"]})
    assert entry(shelf, run).tags == ("as it was",)


def test_a_damaged_tag_hides_no_run_and_no_other_tag(shelf, empty_store, behind_its_back):
    run = ended(empty_store)
    shelf.tag({run: ["one", "two"]})
    behind_its_back(empty_store, "UPDATE tags SET tag = 'three' WHERE tag = 'one'")
    assert entry(shelf, run).tags == ("two",)


def test_several_are_removed_together_or_not_at_all(shelf, empty_store):
    one, other, busy = ended(empty_store), ended(empty_store), empty_store.create(preset("tiny"))
    with pytest.raises(NotApplicable, match=r"queued\. Stop it first"):
        shelf.remove(one, busy)
    assert shelf.bin() == []
    shelf.remove(one, other)
    assert {found.run.id for found in shelf.bin()} == {one, other}
    shelf.restore(one, other)
    assert shelf.bin() == []


# -- the bin -----------------------------------------------------------------------------------------------------------


def test_what_is_removed_leaves_every_list_and_comes_back_as_it_was(shelf, empty_store):
    run, stays = ended(empty_store, "gone"), ended(empty_store, "stays")
    shelf.star(run)
    shelf.remove(run)
    assert [found.run.id for found in shelf.entries()] == [summary.id for summary in empty_store.runs()] == [stays]
    assert [found.run.id for found in shelf.bin()] == [run]
    assert empty_store.resolve("last") == stays
    for text in (run, run[:-1]):
        with pytest.raises(UnknownRun, match=r"lies in the bin\. Put it back"):
            empty_store.resolve(text)
    assert RunView(empty_store, run).name == "gone"
    shelf.restore(run)
    assert shelf.bin() == []
    assert entry(shelf, run).starred
    assert empty_store.resolve(run) == run


def test_the_bin_has_the_last_removed_first(shelf, empty_store):
    first, second = ended(empty_store), ended(empty_store)
    shelf.remove(second)
    shelf.remove(first)
    assert [found.run.id for found in shelf.bin()] == [first, second]


@pytest.mark.parametrize("status", ["queued", "running", "paused"])
def test_a_run_that_a_worker_holds_cannot_be_removed(shelf, empty_store, status):
    run = empty_store.create(preset("tiny"))
    if status != "queued":
        adopt(empty_store, run, os.getpid(), status)
    with pytest.raises(NotApplicable, match=rf"{status}\. Stop it first"):
        shelf.remove(run)
    assert entry(shelf, run).live


def test_emptying_the_bin_takes_what_is_in_it_and_nothing_else(shelf, empty_store):
    gone, stays = ended(empty_store), ended(empty_store)
    shelf.star(gone)
    shelf.remove(gone)
    assert shelf.empty_bin() == 1
    assert not empty_store.folder(gone).exists()
    assert empty_store.folder(stays).exists()
    assert [found.run.id for found in shelf.entries()] == [stays]
    assert shelf.bin() == []
    with empty_store.database.reading() as db:
        assert db.execute("SELECT COUNT(*) FROM shelf").fetchone()[0] == 0
    assert shelf.empty_bin() == 0


def test_a_run_that_was_resumed_in_the_bin_is_not_deleted(shelf, empty_store):
    run = ended(empty_store, status="stopped")
    shelf.remove(run)
    adopt(empty_store, run, os.getpid(), "running")
    assert shelf.empty_bin() == 0
    assert empty_store.folder(run).exists()


def test_the_bin_counts_only_what_emptying_it_would_free(shelf, empty_store):
    """A fork's snapshot is its parent's under a second name: the space is free when both are gone."""
    parent, child = ended(empty_store), ended(empty_store)
    shared = empty_store.snapshots(parent) / "weights"
    shared.write_bytes(b"x" * 1000)
    os.link(shared, empty_store.snapshots(child) / "weights")
    (empty_store.snapshots(child) / "own").write_bytes(b"x" * 50)
    shelf.remove(child)
    assert shelf.bin_bytes() == 50
    shelf.remove(parent)
    assert shelf.bin_bytes() == 1050


def test_nothing_is_removed_where_the_disk_is_full(shelf, empty_store, monkeypatch):
    run = ended(empty_store)

    def full(*args):
        raise StoreFull("run store", "no space is left", "Free some space")

    monkeypatch.setattr("engine.store.shelf._put", full)
    with pytest.raises(StoreFull):
        shelf.describe(run, "half a change", "", [])
    assert entry(shelf, run).run.name == ""


# -- what the cards need -----------------------------------------------------------------------------------------------


def test_matrices_are_those_of_the_runs(shelf, empty_store):
    first, second = ended(empty_store), ended(empty_store)
    for task, row in enumerate(([0.5], [0.25, 1.0])):
        metrics = {"test": {"class_il": np.array(row)}, "moved": {"class_il": np.zeros(task + 1)}}
        empty_store.commit_task(second, TaskFinished(task, 1.0, 1.0), metrics, 0.5)
    found = shelf.matrices(empty_store.runs())
    nan = np.nan
    np.testing.assert_array_equal(found[second], [[0.5, nan, nan], [0.25, 1.0, nan], [nan] * 3])
    assert np.isnan(found[first]).all()
    assert found[first].shape == (3, 3)


def test_a_damaged_matrix_does_not_hide_the_others(shelf, empty_store):
    damaged, sound = ended(empty_store), ended(empty_store)
    for run in (damaged, sound):
        empty_store.commit_task(run, TaskFinished(0, 1.0, 1.0), {"test": {"class_il": np.ones(1)}}, 1.0)
    with empty_store.database.writing() as db:
        db.execute("UPDATE metrics SET data = X'00' WHERE run = ?", (damaged,))
    assert set(shelf.matrices(empty_store.runs())) == {sound}


# -- older stores ------------------------------------------------------------------------------------------------------


@pytest.fixture(params=range(1, VERSION))
def older(request, tmp_path):
    """A store as an older Plumage left it, with one run."""
    home = tmp_path / "older"
    (home / "runs" / "old").mkdir(parents=True)
    with sqlite3.connect(home / FILE) as db:
        db.create_function("seal", -1, seal, deterministic=True)
        db.execute("PRAGMA journal_mode = WAL")
        for statement in (statement for step in STEPS[: request.param] for statement in step):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {request.param}")
        _finished_run(db, request.param)
    db.close()
    return RunStore(home)


def _finished_run(db, version):
    """A finished run as a version stored it: from the fifth on its training is a job."""
    if version < 5:
        db.execute(
            "INSERT INTO runs (id, name, created, config, status, wanted, heartbeat, machine) "
            """VALUES ('old', '', 1, '{"method": "ncm", "seed": 1}', 'finished', 'run', 1, 'm')"""
        )
        return
    db.execute(
        "INSERT INTO runs (id, name, created, config, machine) "
        """VALUES ('old', '', 1, '{"method": "ncm", "seed": 1}', 'm')"""
    )
    db.execute(
        "INSERT INTO jobs (kind, subject, run, arguments, status, heartbeat, created, asked) "
        "VALUES ('training', 'old', 'old', '{}', 'finished', 1, 1, 1)"
    )


def test_an_older_store_is_read(older):
    assert [found.run.id for found in Shelf(older).entries()] == [run.id for run in older.runs()] == ["old"]
    assert Shelf(older).bin() == []
    assert older.resolve("ol") == "old"
    assert PictureMarks(older).all("old") == ()


def test_an_older_store_that_cannot_be_written_is_read_through_a_copy(older, monkeypatch):
    def refuse(database):
        raise sqlite3.OperationalError("attempt to write a readonly database")

    monkeypatch.setattr(Database, "_open_to_write", refuse)
    before = (older.home / FILE).read_bytes()
    assert [(run.id, run.status) for run in older.runs()] == [("old", "finished")]
    assert (older.home / FILE).read_bytes() == before
    with pytest.raises(StoreReadOnly):
        Shelf(older).star("old")


def test_an_older_store_gains_the_shelf_with_the_first_mark(older):
    Shelf(older).star("old")
    Shelf(older).tag({"old": ["kept"]})
    assert entry(Shelf(older), "old").starred
    assert entry(Shelf(older), "old").tags == ("kept",)
    Shelf(older).remove("old")
    assert older.runs() == []
    with older.database.reading() as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == VERSION


def test_a_fork_outlives_its_parent(shelf, empty_store):
    parent = ended(empty_store)
    empty_store.commit_task(parent, TaskFinished(0, 1.0, 1.0), {"test": {"class_il": np.ones(1)}}, 1.0)
    child = control.branch(parent, 0, {"seed": 2}, "", empty_store)
    set_status(empty_store, child, "stopped")
    shelf.remove(parent)
    shelf.empty_bin()
    assert [run.id for run in empty_store.runs()] == [child]
    assert RunView(empty_store, child).parent == parent
