"""What a run watches is kept, bounded and undoable; its beats are read one by one, and a damaged one harms no other."""

import threading

import pytest

from engine.errors import BadInput, BadParameter, StoreDamaged, UnknownRun
from engine.jobs import control
from engine.records.watched import AFTER
from engine.runs.config import preset
from engine.runs.watch import MOST_CONCEPTS, Pin, WatchSettings
from engine.store.checkup import check
from engine.store.store import RunStore
from engine.store.view import RunView
from engine.store.watching import Watching
from tests.job_states import set_status


@pytest.fixture
def run(empty_store):
    return empty_store.create(preset("tiny"))


@pytest.fixture
def watching(empty_store):
    return Watching(empty_store)


def test_the_declared_settings_hold_where_none_were_chosen(watching, run):
    assert watching.list(run).settings == WatchSettings()
    watching.choose(run, WatchSettings(heartbeat=7))
    watching.choose(run, WatchSettings(heartbeat=9))
    assert watching.list(run).settings == WatchSettings(heartbeat=9)


def test_a_pin_that_is_taken_away_comes_back(watching, run):
    picture, concept = Pin("picture", "own:12", b"bytes"), Pin("concept", "blue <b>crown</b>")
    watching.pin(run, picture)
    watching.pin(run, concept)
    watching.pin(run, picture)
    assert watching.list(run).pins == (picture, concept)
    watching.unpin(run, "picture", "own:12")
    assert watching.list(run).pins == (concept,)
    watching.pin(run, picture)
    assert watching.list(run).pins == (picture, concept)


def test_two_tabs_that_pin_at_once_both_do(empty_store, run):
    errors = []

    def pin(number):
        try:
            Watching(RunStore(empty_store.home)).pin(run, Pin("picture", f"val:{number % 5}"))
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=pin, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(p.what for p in Watching(empty_store).list(run).pins) == [f"val:{number}" for number in range(5)]


def test_a_run_that_is_gone_takes_no_pin(watching, empty_store, run):
    set_status(empty_store, run, "stopped")
    empty_store.delete(run)
    for change in (
        lambda: watching.pin(run, Pin("picture", "val:1")),
        lambda: watching.unpin(run, "picture", "val:1"),
        lambda: watching.choose(run, WatchSettings()),
    ):
        with pytest.raises(UnknownRun):
            change()


def test_five_hundred_pictures_are_refused_with_their_cost(empty_store, own_tiny_home):
    store = RunStore(own_tiny_home)
    known, run = Watching(store), store.resolve("last")
    with pytest.raises(BadParameter, match=r"40 of each of its 3 tasks|from 0 to 20"):
        known.choose(run, WatchSettings(probes_per_task=40))
    for number in range(94):
        known.pin(run, Pin("picture", f"val:{number}"))
    with pytest.raises(BadParameter, match=r"101 pictures \(about .* s a look, at .* s a picture so far\)"):
        known.pin(run, Pin("picture", "val:400"))
    with pytest.raises(BadParameter, match=r"154 pictures"):
        known.choose(run, WatchSettings(probes_per_task=20))
    fresh = empty_store.create(preset("large"))
    with pytest.raises(BadParameter, match=r"watching: 400 pictures: a run watches at most 100"):
        Watching(empty_store).choose(fresh, WatchSettings(probes_per_task=20))


def test_pins_without_end_are_refused(watching, run):
    for number in range(MOST_CONCEPTS - WatchSettings().concepts):
        watching.pin(run, Pin("concept", f"concept {number}"))
    with pytest.raises(BadInput, match=f"at most {MOST_CONCEPTS} concepts"):
        watching.pin(run, Pin("concept", "one more"))
    with pytest.raises(BadInput, match="1 to 300 characters"):
        watching.pin(run, Pin("concept", "x" * 301))
    with pytest.raises(BadInput, match="1 to 300 characters"):
        watching.pin(run, Pin("concept", ""))


def test_settings_that_were_changed_behind_its_back_are_not_believed(watching, empty_store, run, behind_its_back):
    watching.choose(run, WatchSettings())
    behind_its_back(empty_store, "UPDATE watching SET settings = '{}'")
    with pytest.raises(StoreDamaged, match="not what was written"):
        watching.list(run)


def test_a_film_is_read_in_order_and_from_where_one_is(own_tiny_home):
    store = RunStore(own_tiny_home)
    view = RunView(store, store.resolve("last"))
    film = view.film()
    assert [(b.task, b.epoch) for b in film.beats] == [(0, AFTER), (1, AFTER), (2, AFTER)]
    assert [(b.task, b.epoch) for b in view.film((0, AFTER)).beats] == [(1, AFTER), (2, AFTER)]
    assert view.film((2, AFTER)).beats == ()
    assert film.damaged == ()
    assert all(b.seconds > 0 for b in film.beats)


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no zip", b"\x93NUMPY"])
def test_a_damaged_beat_harms_no_other(own_tiny_home, behind_its_back, data):
    store = RunStore(own_tiny_home)
    view = RunView(store, store.resolve("last"))
    behind_its_back(store, "UPDATE beats SET data = ? WHERE task = 1", data)
    film = view.film()
    assert [b.task for b in film.beats] == [0, 2]
    assert film.damaged == ((1, AFTER),)
    (trouble,) = [t for checked in check(store) for t in checked.troubles]
    assert "beats" in trouble.place


def test_two_beats_that_changed_places_are_noticed(own_tiny_home, behind_its_back):
    store = RunStore(own_tiny_home)
    view = RunView(store, store.resolve("last"))
    with store.database.reading() as db:
        other = db.execute("SELECT data FROM beats WHERE task = 0").fetchone()[0]
    behind_its_back(store, "UPDATE beats SET data = ? WHERE task = 2", other)
    assert view.film().damaged == ((2, AFTER),)


def test_a_missing_beat_is_no_trouble(own_tiny_home):
    store = RunStore(own_tiny_home)
    with store.database.writing() as db:
        db.execute("DELETE FROM beats WHERE task = 1")
    assert [b.task for b in RunView(store, store.resolve("last")).film().beats] == [0, 2]


def test_a_fork_has_the_film_and_the_pins_of_its_parent(own_tiny_home):
    store = RunStore(own_tiny_home)
    parent = store.resolve("last")
    Watching(store).pin(parent, Pin("concept", "blue crown"))
    Watching(store).choose(parent, WatchSettings(heartbeat=3))
    child = control.branch(parent, 1, {}, "", store)
    assert Watching(store).list(child) == Watching(store).list(parent)
    one, other = RunView(store, parent).film().beats, RunView(store, child).film().beats
    assert [(b.task, b.epoch) for b in other] == [(b.task, b.epoch) for b in one if b.task <= 1]


def test_beats_of_an_unfinished_task_go_when_it_begins_anew(own_tiny_home):
    store = RunStore(own_tiny_home)
    run = store.resolve("last")
    with store.database.writing() as db:
        db.execute("DELETE FROM tasks WHERE run = ? AND task = 2", (run,))
    store.begin(run)
    assert [b.task for b in RunView(store, run).film().beats] == [0, 1]
