"""Marks: what people say that pictures show is kept, changed, taken back and undone, also from two tabs at once."""

import threading

import pytest

from engine.errors import BadInput, StoreDamaged, UnknownRun
from engine.jobs import control
from engine.runs.config import preset
from engine.store import marks as module
from engine.store.marks import MAX_CONCEPT, PictureMarks
from engine.store.store import RunStore

A, B = "a" * 64, "b" * 64


@pytest.fixture
def run(empty_store):
    return empty_store.create(preset("tiny"))


@pytest.fixture
def marks(empty_store):
    return PictureMarks(empty_store)


def said(marks, run):
    return [(mark.picture, mark.concept, mark.present) for mark in marks.all(run)]


def test_what_is_said_is_kept_in_its_order_with_the_bytes_it_is_of(marks, run):
    marks.mark(run, "test:3", A, "red crown", True)
    marks.mark(run, "test:1", B, "red crown", False)
    assert said(marks, run) == [("test:3", "red crown", True), ("test:1", "red crown", False)]
    assert [mark.digest for mark in marks.all(run)] == [A, B]
    first, second = marks.all(run)
    assert first.id < second.id and first.marked <= second.marked
    assert marks.last(run) == second


def test_the_newest_answer_holds_and_undo_brings_the_one_before_back(marks, run):
    marks.mark(run, "test:3", A, "red crown", True)
    marks.mark(run, "test:3", A, "red crown", False)
    assert said(marks, run) == [("test:3", "red crown", False)]
    marks.undo(run, marks.last(run).id)
    assert said(marks, run) == [("test:3", "red crown", True)]
    marks.unmark(run, "test:3", A, "red crown")
    assert said(marks, run) == [] and marks.last(run).present is None
    marks.undo(run, marks.last(run).id)
    assert said(marks, run) == [("test:3", "red crown", True)]
    marks.undo(run, marks.last(run).id)
    assert said(marks, run) == [] and marks.last(run) is None


def test_saying_what_holds_leaves_no_row_but_of_other_bytes_it_does(marks, run):
    marks.unmark(run, "test:3", A, "red crown")
    assert marks.last(run) is None
    marks.mark(run, "test:3", A, "red crown", True)
    only = marks.last(run)
    marks.mark(run, "test:3", A, "red crown", True)
    assert marks.last(run) == only
    marks.mark(run, "test:3", B, "red crown", True)
    assert [mark.digest for mark in marks.all(run)] == [B] and marks.last(run).id > only.id


def test_of_two_tabs_the_second_to_undo_is_told(marks, run):
    marks.mark(run, "test:3", A, "red crown", True)
    shown = marks.last(run).id
    marks.mark(run, "test:4", A, "red crown", True)  # another tab
    marks.undo(run, shown)
    assert said(marks, run) == [("test:4", "red crown", True)]
    with pytest.raises(BadInput, match="taken back already, in another tab"):
        marks.undo(run, shown)


def test_two_tabs_that_say_the_same_at_once_leave_one_row(marks, run, empty_store):
    go = threading.Barrier(4)

    def tab():
        go.wait()
        for row in range(10):
            PictureMarks(RunStore(empty_store.home)).mark(run, f"test:{row}", A, "red crown", True)

    tabs = [threading.Thread(target=tab) for _ in range(4)]
    for one in tabs:
        one.start()
    for one in tabs:
        one.join()
    with empty_store.database.reading() as db:
        assert db.execute("SELECT COUNT(*) FROM marks").fetchone()[0] == 10


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (("../3", A, "red"), "SPLIT:NUMBER"),
        (("bird:1.2", A, "red"), "SPLIT:NUMBER"),
        (("test:3", "a" * 63, "red"), "64 hex digits"),
        (("test:3", "A" * 64, "red"), "64 hex digits"),
        (("test:3", A, ""), f"1 to {MAX_CONCEPT}"),
        (("test:3", A, "x" * (MAX_CONCEPT + 1)), f"1 to {MAX_CONCEPT}"),
    ],
)
def test_what_names_nothing_is_refused_and_nothing_is_written(marks, run, given, reason):
    for act in (lambda: marks.mark(run, *given, True), lambda: marks.unmark(run, *given)):
        with pytest.raises(BadInput, match=reason):
            act()
    assert marks.last(run) is None


def test_no_more_are_kept_than_may_be_and_undo_makes_room(marks, run, monkeypatch):
    monkeypatch.setattr(module, "MOST", 2)
    marks.mark(run, "test:1", A, "red", True)
    marks.mark(run, "test:2", A, "red", True)
    with pytest.raises(BadInput, match="at most 2"):
        marks.mark(run, "test:3", A, "red", True)
    marks.mark(run, "test:2", A, "red", True)  # what holds already needs no room
    marks.undo(run, marks.last(run).id)
    marks.mark(run, "test:3", A, "red", True)
    assert [mark.picture for mark in marks.all(run)] == ["test:1", "test:3"]


def test_another_runs_marks_are_its_own_and_a_deleted_run_has_none(marks, run, empty_store):
    other = empty_store.create(preset("tiny"))
    marks.mark(run, "test:1", A, "red", True)
    assert said(marks, other) == []
    with pytest.raises(BadInput):
        marks.undo(other, marks.last(run).id)
    with pytest.raises(UnknownRun):
        marks.mark("nobody", "test:1", A, "red", True)


def test_a_damaged_one_is_named_and_can_be_dropped_without_the_others(marks, run, empty_store, behind_its_back):
    marks.mark(run, "test:1", A, "red", True)
    marks.mark(run, "test:2", A, "red", True)
    behind_its_back(empty_store, "UPDATE marks SET present = 0 WHERE picture = 'test:2'")
    with pytest.raises(StoreDamaged, match=r"marks: .*test:2, red"):
        marks.all(run)
    assert marks.drop_damaged(run) == 1
    assert said(marks, run) == [("test:1", "red", True)]
    assert marks.drop_damaged(run) == 0


def test_a_fork_has_its_parents_marks_and_then_its_own(own_tiny_home, monkeypatch):
    monkeypatch.setattr("engine.jobs.queue._start", lambda store, job: None)
    store = RunStore(own_tiny_home)
    parent, marks = store.resolve("last"), PictureMarks(store)
    marks.mark(parent, "test:1", A, "red", True)
    marks.mark(parent, "test:1", A, "red", False)
    marks.mark(parent, "test:2", B, "red", True)
    child = control.fork(parent, 1, {}, store=store)
    assert said(marks, child) == said(marks, parent) == [("test:1", "red", False), ("test:2", "red", True)]
    marks.undo(child, marks.last(child).id)
    assert said(marks, child) == [("test:1", "red", False)]
    assert len(marks.all(parent)) == 2
