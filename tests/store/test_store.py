"""The run store: what it keeps, how it is found again, and what it says when it cannot."""

import fcntl
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from engine.errors import NotApplicable, StoreDamaged, StoreError, StoreFull, StoreReadOnly, StoreTooNew, UnknownRun
from engine.jobs import control
from engine.records.arrays import pack, unpack
from engine.records.events import EpochEnded, RunStarted, TaskFinished, TaskStarted
from engine.runs.config import preset
from engine.store.database import FILE
from engine.store.ids import new_id
from engine.store.store import RunStore
from engine.store.view import RunView
from tests.disks import disk, fill, needs_root
from tests.job_states import adopt, set_status

SETUP = RunStarted(
    ("a", "b", "c", "d"), ((0, 1), (2, 3)), ("test", "moved"), {"test": (10, 30), "moved": (10, 30)}, True
)


def commit(store, run_id, task, row, accuracy=0.5):
    metrics = {"test": {"class_il": np.array(row)}}
    store.commit_task(run_id, TaskFinished(task, 2.0, 100.0), metrics, accuracy)


def test_nothing_was_ever_stored(empty_store):
    assert empty_store.runs() == []
    assert not empty_store.home.exists()
    for text in ("last", "", "260101"):
        with pytest.raises(UnknownRun):
            empty_store.resolve(text)
    with pytest.raises(UnknownRun):
        RunView(empty_store, "../../etc")


def test_a_run_is_listed_and_found(empty_store):
    first = empty_store.create(preset("tiny"), "  first <b>bold</b>\n")
    second = empty_store.create(preset("demo"))
    assert [run.id for run in empty_store.runs()] == [second, first]
    summary = empty_store.runs()[1]
    assert (summary.name, summary.method, summary.status) == ("first <b>bold</b>", "clg_cbm", "queued")
    assert (summary.tasks_done, summary.tasks_total, summary.last_accuracy) == (0, 3, None)
    assert empty_store.resolve("last") == second
    assert empty_store.resolve(first) == first
    shared = next(i for i, (a, b) in enumerate(zip(first, second, strict=False)) if a != b)
    assert empty_store.resolve(first[: shared + 1]) == first
    with pytest.raises(UnknownRun, match="2 runs begin like this"):
        empty_store.resolve(first[:shared])


def test_ids_sort_by_time_and_are_safe_as_paths(empty_store):
    times = [1.8e9 + 0.4 * i for i in range(20)]
    ids = [new_id(now) for now in times]
    assert [i[:13] for i in ids] == sorted(i[:13] for i in ids)
    assert all(set(i) <= set("abcdefghijklmnopqrstuvwxyz0123456789-") for i in ids)
    made = [empty_store.create(preset("tiny")) for _ in range(8)]  # most within one second
    assert len(set(made)) == 8


def test_numbers_of_a_run_weighted_by_hand(empty_store):
    run_id = empty_store.create(preset("tiny"))
    empty_store.write_setup(run_id, SETUP)
    commit(empty_store, run_id, 0, [0.8], 0.8)
    commit(empty_store, run_id, 1, [0.4, 0.6], 0.55)  # (10 * 0.4 + 30 * 0.6) / 40
    summary = empty_store.runs()[0]
    assert (summary.tasks_done, summary.tasks_total) == (2, 2)
    assert summary.last_accuracy == 0.55
    assert summary.average_accuracy == pytest.approx(0.675)
    view = RunView(empty_store, run_id)
    assert view.summary()["last_accuracy"] == pytest.approx(0.55)
    assert view.summary()["average_accuracy"] == pytest.approx(0.675)
    assert view.summary()["forgetting"] == pytest.approx(0.4)
    np.testing.assert_array_equal(view.accuracy(), [[0.8, np.nan], [0.4, 0.6]])


def test_what_an_unfinished_task_left_is_dropped(empty_store):
    run_id = empty_store.create(preset("tiny"))
    empty_store.append(run_id, [TaskStarted(0, (0, 1)), EpochEnded(0, "train", 1, 2, 0.5, 0.5, None, 1.0)])
    commit(empty_store, run_id, 0, [1.0])
    empty_store.append(run_id, [EpochEnded(1, "train", 1, 2, 0.5, 0.5, None, 1.0)])
    view = RunView(empty_store, run_id)
    assert [row.task for row in view.epochs()] == [0, 1]
    last_seen = view.epochs()[-1].event_id
    empty_store.begin(run_id)
    assert [row.task for row in view.epochs()] == [0]
    empty_store.append(run_id, [EpochEnded(1, "train", 1, 2, 0.25, 0.5, None, 1.0)])
    assert [(row.task, row.loss) for row in view.epochs(since_event_id=last_seen)] == [(1, 0.25)]


def test_a_task_is_committed_whole_or_not_at_all(empty_store):
    run_id = empty_store.create(preset("tiny"))
    commit(empty_store, run_id, 0, [1.0])
    broken = {"test": {"class_il": np.array([1.0, 1.0]), "bad": np.array([object()])}}
    with pytest.raises(ValueError, match="Object arrays"):
        empty_store.commit_task(run_id, TaskFinished(1, 1.0, 1.0), broken, 1.0)
    with pytest.raises(sqlite3.IntegrityError), empty_store.database.writing() as db:
        db.execute("UPDATE runs SET name = 'half'")
        db.execute("INSERT INTO tasks SELECT * FROM tasks")
    assert empty_store.tasks_done(run_id) == 1
    assert empty_store.runs()[0].name == ""


def test_a_store_that_is_just_being_made_reads_as_empty(empty_store):
    empty_store.home.mkdir()
    (empty_store.home / FILE).touch()
    assert empty_store.runs() == []
    assert empty_store.create(preset("tiny")) == empty_store.resolve("last")


def test_somebody_elses_database_is_left_alone(empty_store):
    empty_store.home.mkdir()
    with sqlite3.connect(empty_store.home / FILE) as db:
        db.execute("CREATE TABLE recipes (name TEXT)")
    db.close()
    for touch in (empty_store.runs, lambda: empty_store.create(preset("tiny"))):
        with pytest.raises(StoreDamaged, match="tables of Plumage"):
            touch()
    with sqlite3.connect(empty_store.home / FILE) as db:
        assert [row[0] for row in db.execute("SELECT name FROM sqlite_master")] == ["recipes"]
    db.close()


@pytest.mark.parametrize("attempt", range(5))
def test_many_make_the_store_at_once(empty_store, attempt):
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: RunStore(empty_store.home).create(preset("tiny")), range(16)))
        looks = list(pool.map(lambda _: len(RunStore(empty_store.home).runs()), range(16)))
    assert len(set(made)) == looks[0] == 16


def test_delete_takes_only_this_run(empty_store):
    keep, drop = empty_store.create(preset("tiny")), empty_store.create(preset("tiny"))
    for run_id in (keep, drop):
        commit(empty_store, run_id, 0, [1.0])
    with pytest.raises(NotApplicable, match="Stop it first"):
        empty_store.delete(drop)
    set_status(empty_store, drop, "stopped")
    empty_store.delete(drop)
    assert [run.id for run in empty_store.runs()] == [keep]
    assert not empty_store.folder(drop).exists()
    assert empty_store.tasks_done(keep) == 1


def test_many_writers_and_readers_at_once(empty_store):
    def make(number):
        run_id = RunStore(empty_store.home).create(preset("tiny"), str(number))
        for task in range(5):
            commit(empty_store, run_id, task, [1.0] * (task + 1))
            assert empty_store.tasks_done(run_id) == task + 1
        return run_id

    with ThreadPoolExecutor(6) as pool:
        made = list(pool.map(make, range(6)))
    assert len(set(made)) == 6
    assert [run.tasks_done for run in empty_store.runs()] == [5] * 6


def test_what_is_read_in_one_moment_is_of_one_moment(empty_store):
    database = empty_store.database
    with database.one_moment():
        assert empty_store.runs() == []  # nothing was ever stored: there is no connection to hold
    first = empty_store.create(preset("tiny"), "first")
    with database.one_moment(), RunStore(empty_store.home).database.one_moment():
        assert [run.id for run in empty_store.runs()] == [first]
        second = empty_store.create(preset("tiny"), "second")
        assert [run.id for run in RunStore(empty_store.home).runs()] == [first]
        with ThreadPoolExecutor(1) as pool:  # only this thread looks back
            assert len(pool.submit(empty_store.runs).result()) == 2
        with database.reading() as one, database.reading() as other:
            assert one is other
    assert [run.id for run in empty_store.runs()] == [second, first]
    with pytest.raises(UnknownRun), database.one_moment():
        empty_store.row("gone")
    with database.reading() as one, database.reading() as other:
        assert one is not other


@pytest.mark.parametrize("replaced", [False, True])
def test_a_process_that_holds_a_store_takes_no_other_for_it(empty_store, replaced):
    run, home = empty_store.create(preset("tiny")), empty_store.home
    moved = home.with_name("moved")
    with empty_store.database.kept_open(), empty_store.kept_open():
        home.rename(moved)
        if replaced:
            shutil.copytree(moved, home)
        for work in (empty_store.runs, empty_store.check_writable, lambda: RunStore(home).create(preset("tiny"))):
            with pytest.raises(StoreError, match="moved away or replaced"):
                work()
        assert (home / FILE).exists() == replaced and [one.id for one in RunStore(moved).runs()] == [run]
    assert [one.id for one in RunStore(home).runs()] == [run] * replaced  # who comes anew takes what is there


def test_the_list_says_which_code_computes_a_run(empty_store):
    run = empty_store.create(preset("tiny"))
    assert empty_store.runs()[0].code is None
    empty_store.write_setup(run, replace(SETUP, code="abc"))
    assert empty_store.runs()[0].code == "abc"


def test_only_one_of_several_first_writers_makes_the_tables(tmp_path):
    # SQLite answers "locked" at once, without its usual patience, to a second change of the journal's mode.
    maker = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(maker, fcntl.LOCK_EX)
    second = threading.Thread(target=RunStore(tmp_path).check_writable)
    second.start()
    second.join(0.2)
    assert second.is_alive()
    os.close(maker)
    second.join(10)
    assert RunStore(tmp_path).runs() == []
    assert RunStore(tmp_path).create(preset("tiny"))


def test_a_worker_is_not_believed_but_checked(empty_store, wait_until):
    run_id = empty_store.create(preset("tiny"))
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    adopt(empty_store, run_id, child.pid, "running")
    assert empty_store.status(run_id) == "running"
    child.kill()
    wait_until(lambda: empty_store.status(run_id) == "interrupted")  # while nobody has collected the dead child
    child.wait()
    assert empty_store.status(run_id) == "interrupted"
    assert "resume" in control.can("interrupted")


def test_a_process_that_got_a_dead_workers_number_is_not_the_worker(empty_store):
    run_id = empty_store.create(preset("tiny"))
    adopt(empty_store, run_id, os.getpid(), "running")
    assert empty_store.status(run_id) == "running"
    with empty_store.database.writing() as db:
        db.execute("UPDATE jobs SET pid_mark = pid_mark || '0'")
    assert empty_store.status(run_id) == "interrupted"


def test_a_worker_elsewhere_lives_while_its_heart_beats(empty_store):
    run_id = empty_store.create(preset("tiny"))
    with empty_store.database.writing() as db:
        db.execute("UPDATE jobs SET status = 'running', pid = 1, pid_mark = 'elsewhere:1'")
    assert empty_store.status(run_id) == "running"
    with empty_store.database.writing() as db:
        db.execute("UPDATE jobs SET heartbeat = heartbeat - 60")
    assert empty_store.status(run_id) == "interrupted"


# -- bad stores --------------------------------------------------------------------------------------------------------


def damaged(path, how):
    if how == "no database":
        path.write_bytes(b"this is not a database" * 100)
    elif how == "cut short":
        os.truncate(path, 5000)
    elif how == "other tables":
        path.unlink()
        with sqlite3.connect(path) as db:
            db.execute("CREATE TABLE runs (x)")
            db.execute("PRAGMA user_version = 1")
        db.close()
    elif how == "overwritten":
        with path.open("r+b") as file:
            file.seek(4096)
            file.write(os.urandom(12 * 4096))


@pytest.mark.parametrize("how", ["no database", "cut short", "other tables", "overwritten"])
def test_damaged_database(empty_store, how):
    run_id = empty_store.create(preset("tiny"))
    for task in range(40):
        commit(empty_store, run_id, task, [1.0] * (task + 1))
    snapshot = empty_store.snapshots(run_id)
    (snapshot / "weights").write_bytes(b"precious")
    damaged(empty_store.home / FILE, how)
    with pytest.raises(StoreDamaged) as caught:
        empty_store.runs()
    assert str(empty_store.home / FILE) in str(caught.value)
    assert "untouched" in str(caught.value)
    with pytest.raises(StoreDamaged):
        set_status(empty_store, run_id, "running")
        empty_store.create(preset("tiny"))
    assert (snapshot / "weights").read_bytes() == b"precious"


def test_a_damaged_run_leaves_the_others_alone(reference, tmp_path):
    shutil.copy(reference.home / FILE, tmp_path / FILE)
    store = RunStore(tmp_path)
    sound = store.create(preset("tiny"))
    store.write_setup(sound, SETUP)
    commit(store, sound, 0, [1.0])
    with store.database.writing() as db:
        db.execute("UPDATE metrics SET data = substr(data, 1, 20) WHERE run = ?", (reference.view.id,))
        db.execute("UPDATE events SET body = '{' WHERE run = ?", (reference.view.id,))
    bad = RunView(store, reference.view.id)
    for read in (bad.accuracy, bad.epochs, bad.summary, lambda: bad.progress):
        with pytest.raises(StoreDamaged, match=reference.view.id):
            read()
    with pytest.raises(StoreDamaged):
        bad.snapshot(0)  # its file is not here
    assert RunView(store, sound).accuracy()[0, 0] == 1.0
    assert len(store.runs()) == 2


def test_a_newer_store_is_left_alone(empty_store):
    empty_store.create(preset("tiny"))
    with sqlite3.connect(empty_store.home / FILE) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()
    before = (empty_store.home / FILE).read_bytes()
    for touch in (empty_store.runs, lambda: empty_store.create(preset("tiny"))):
        with pytest.raises(StoreTooNew, match="version 99"):
            touch()
    assert (empty_store.home / FILE).read_bytes() == before
    assert len(list((empty_store.home / "runs").iterdir())) == 1


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 1 MB."""
    with disk(tmp_path / "disk", "1m") as place:
        yield place


@needs_root
def test_a_full_disk_keeps_every_finished_task(small_disk):
    store = RunStore(small_disk)
    run_id = store.create(preset("tiny"))
    big = {"test": {"class_il": np.array([1.0]), "noise": np.random.default_rng(0).random(12_000)}}
    done = 0
    with pytest.raises(StoreFull, match="every finished task is safe"):
        for task in range(100):
            store.commit_task(run_id, TaskFinished(task, 1.0, 1.0), big, 1.0)
            done = task + 1
    assert 0 < done < 30
    assert store.tasks_done(run_id) == done
    view = RunView(store, run_id)
    assert all(view._read.metric(task, "test", "noise").shape == (12_000,) for task in range(done))


@needs_root
def test_a_disk_too_full_for_a_run_is_left_clean(small_disk):
    store = RunStore(small_disk)
    store.create(preset("tiny"))
    fill(small_disk)
    with pytest.raises(StoreFull):
        for _ in range(50):
            store.create(preset("demo"), "x" * 200)
    listed = {run.id for run in store.runs()}
    assert {path.name for path in (small_disk / "runs").iterdir()} == listed


@needs_root
def test_a_read_only_store_can_still_be_read(small_disk):
    store = RunStore(small_disk)
    run_id = store.create(preset("tiny"))
    store.write_setup(run_id, SETUP)
    commit(store, run_id, 0, [0.75])
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    assert store.runs()[0].id == run_id
    assert RunView(store, run_id).accuracy()[0, 0] == 0.75
    for write in (
        lambda: store.create(preset("tiny")),
        lambda: set_status(store, run_id, "running"),
        lambda: control.start(preset("tiny"), store=store),
    ):
        with pytest.raises(StoreReadOnly, match="can still be looked at"):
            write()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_can_still_be_read(empty_store):
    run_id = empty_store.create(preset("tiny"))
    os.chmod(empty_store.home / FILE, stat.S_IRUSR)
    os.chmod(empty_store.home, stat.S_IRUSR | stat.S_IXUSR)
    try:
        assert empty_store.runs()[0].id == run_id
        with pytest.raises(StoreReadOnly):
            set_status(empty_store, run_id, "running")
    finally:
        os.chmod(empty_store.home, stat.S_IRWXU)


# -- arrays ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("array", [np.array(0.1), np.arange(6).reshape(2, 3).T, np.array(["ü", ""]), np.zeros((0, 3))])
def test_arrays_come_back_exactly(array):
    back = unpack(pack(array))
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    assert back.tobytes() == array.tobytes()


def test_never_a_pickle():
    with pytest.raises(ValueError, match="Object arrays"):
        pack(np.array([{}]))
    for data in (b"", b"\x93NUMPY", pack(np.arange(9))[:-4], b"cos\nsystem\n."):
        with pytest.raises(ValueError):
            unpack(data)
