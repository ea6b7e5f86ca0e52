"""An import that dies in the middle leaves nothing that anybody sees, and the next one sweeps up after it."""

import errno
import io
import shutil
from collections import namedtuple

import pytest

from engine.archive import bring as bringing
from engine.archive import staging
from engine.archive.bring import bring
from engine.errors import BadInput, StoreFull
from engine.store.store import RunStore
from tests.archive.conftest import every_file, every_row


class Killed(BaseException):
    """As if the process were gone: no handler on the way may take it for a fault."""


def die(*_):
    raise Killed


@pytest.mark.parametrize(
    ("module", "name"),
    [(bringing, "check_models"), (bringing, "_insert"), (bringing, "_insert_answer"), (bringing, "sync_folder")],
)
def test_nothing_is_left_of_an_import_that_breaks_off(store, archive, monkeypatch, module, name):
    before = every_row(store), every_file(store.home)
    monkeypatch.setattr(module, name, die)
    with pytest.raises(Killed):
        bring(store, io.BytesIO(archive), again=True)
    assert (every_row(store), every_file(store.home)) == before


def test_nothing_is_left_of_an_import_that_was_stopped(store, archive):
    before = every_row(store), every_file(store.home)
    steps = bringing.bringing(store, io.BytesIO(archive), again=True)
    while next(steps).word != "unpacking the models":
        pass
    next(steps)
    assert (store.home / "incoming").exists()
    steps.close()
    assert (every_row(store), every_file(store.home)) == before


@pytest.mark.parametrize("name", ["_insert", "sync_folder"])
def test_what_a_killed_process_left_is_swept_away(own_tiny_home, archive, monkeypatch, name):
    """A killed process removes nothing: neither its staging folder nor the one it had just moved among the runs."""
    store = RunStore(own_tiny_home)
    before = every_row(store), every_file(store.home)
    with monkeypatch.context() as patch:
        patch.setattr(bringing, name, die)
        patch.setattr(shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(Killed):
            bring(store, io.BytesIO(archive), again=True)
    assert every_file(store.home) != before[1]  # it did leave something
    assert every_row(store) == before[0] and len(store.runs()) == 1
    staging.sweep(store)
    left = set(every_file(store.home)) - set(before[1])
    assert left <= {"incoming"}


def test_an_import_at_work_is_not_swept_away(own_tiny_home, archive):
    store = RunStore(own_tiny_home)
    steps = bringing.bringing(store, io.BytesIO(archive), again=True)
    while next(steps).word != "opening every model":
        pass
    staging.sweep(store)
    with pytest.raises(StopIteration) as end:
        while True:
            next(steps)
    assert store.status(end.value.value) == "finished"


def test_a_run_that_came_in_is_not_swept_away(own_tiny_home, archive, monkeypatch):
    """The process died after the run was in the store and before it could say so in the run's folder."""
    store = RunStore(own_tiny_home)
    with monkeypatch.context() as patch:
        patch.setattr(bringing, "settled", die)
        with pytest.raises(Killed):
            bring(store, io.BytesIO(archive), again=True)
    assert len(store.runs()) == 2
    staging.sweep(store)
    assert all(len([*store.snapshots(run.id).iterdir()]) == 6 for run in store.runs())
    assert not [path for run in store.runs() for path in store.folder(run.id).glob(".*")]


def test_a_disk_without_room_is_told_before_anything_is_unpacked(store, archive, monkeypatch):
    before = every_row(store), every_file(store.home)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda place: usage(10**9, 10**9, 1000))
    with pytest.raises(StoreFull):
        bring(store, io.BytesIO(archive), again=True)
    assert (every_row(store), every_file(store.home)) == before


def test_a_disk_that_fills_up_meanwhile_leaves_nothing(store, archive, monkeypatch):
    before = every_row(store), every_file(store.home)

    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("engine.archive.container.os.fsync", full)
    with pytest.raises(StoreFull):
        bring(store, io.BytesIO(archive), again=True)
    assert (every_row(store), every_file(store.home)) == before


def test_of_two_imports_at_once_one_comes_in(empty, archive):
    """Both have found that the run is new; the second is told that it no longer is."""
    first, second = (bringing.bringing(empty, io.BytesIO(archive)) for _ in range(2))
    for steps in (first, second):
        while next(steps).word != "opening every model":
            pass
    ends = []
    for steps in (first, second):
        with pytest.raises((StopIteration, BadInput)) as end:
            while True:
                next(steps)
        ends.append(end.value)
    assert isinstance(ends[0], StopIteration) and isinstance(ends[1], BadInput)
    assert [run.id for run in empty.runs()] == [ends[0].value]
