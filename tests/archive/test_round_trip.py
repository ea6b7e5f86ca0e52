"""Out and in again: nothing is lost, nothing changes, and the same run gives the same bytes."""

import errno
import os
import shutil

import numpy as np
import pytest

from engine.archive.bring import bring
from engine.archive.write import write
from engine.errors import BadInput, StoreDamaged, StoreFull
from engine.jobs.analyses import Analyses, Question
from engine.model.storage import load
from engine.runs.recipe import command
from engine.session.lab import Lab
from engine.store.marks import PictureMarks
from engine.store.scenarios import Scenarios
from engine.store.selections import Selections
from engine.store.shelf import Shelf
from engine.store.store import RunStore
from engine.store.view import RunView
from tests.archive.conftest import exported
from tests.archive.forge import contents
from tests.conftest import CHEAP
from tests.job_states import adopt

OWN = {"seal", "id", "status", "pid", "pid_mark", "heartbeat"}
"""Columns of a run that belong to the store it lies in."""


def rows(store, run, table, columns, order):
    with store.database.reading() as db:
        return [
            tuple(row) for row in db.execute(f"SELECT {columns} FROM {table} WHERE run = ? ORDER BY {order}", (run,))
        ]


@pytest.fixture(scope="module")
def both(full_home, archive, tmp_path_factory):
    """The store a run was exported from, the one it was brought into, and its two ids."""
    first, second = RunStore(full_home), RunStore(tmp_path_factory.mktemp("second"))
    path = tmp_path_factory.mktemp("sent") / "run.zip"
    path.write_bytes(archive)
    return first, first.resolve("last"), second, bring(second, path)


def test_the_row_is_the_same_but_for_its_id_and_its_process(both):
    first, run, second, new = both
    before, after = dict(first.row(run)), dict(second.row(new))
    assert run != new
    assert {k: v for k, v in before.items() if k not in OWN} == {k: v for k, v in after.items() if k not in OWN}
    assert (second.training(new).status, second.training(new).pid) == ("finished", None)


@pytest.mark.parametrize(
    ("table", "columns", "order"),
    [
        ("tasks", "task, seconds, peak_memory_mb, accuracy, finished, snapshot, tower", "task"),
        ("metrics", "task, split, name, data", "task, split, name"),
        ("events", "task, kind, body", "id"),
        ("tags", "tag", "tag"),
    ],
)
def test_every_number_is_the_same_to_the_bit(both, table, columns, order):
    first, run, second, new = both
    found = rows(first, run, table, columns, order)
    assert found and found == rows(second, new, table, columns, order)


def test_selections_come_along_and_removed_ones_stay(both):
    first, run, second, new = both
    (kept,), (found,) = Selections(first).all(run), Selections(second).all(new)
    assert (found.name, found.pictures, found.created) == (kept.name, ("test:4", "moved:1"), kept.created)


def test_the_marks_that_hold_come_along_with_their_bytes_and_dates(both):
    first, run, second, new = both
    ours, theirs = (
        [(m.picture, m.digest, m.concept, m.present, m.marked) for m in PictureMarks(store).all(which)]
        for store, which in ((first, run), (second, new))
    )
    assert ours == theirs
    assert [line[:4] for line in theirs] == [
        ("test:4", "4" * 64, "red <b>crown</b>", True),
        ("test:4", "4" * 64, "hooked bill", True),
        ("test:5", "5" * 64, "hooked bill", False),
    ]


def test_models_are_the_same_to_the_byte_and_predict_the_same(both):
    first, run, second, new = both
    files = sorted(path.name for path in first.snapshots(run).iterdir())
    assert len(files) == 6 and files == sorted(path.name for path in second.snapshots(new).iterdir())
    for name in files:
        assert (first.snapshots(run) / name).read_bytes() == (second.snapshots(new) / name).read_bytes()
    shutil.copytree(first.home / "cache", second.home / "cache", dirs_exist_ok=True)  # spares drawing the birds again
    labs = Lab(first, run), Lab(second, new)
    assert np.array_equal(*(lab.predicted("moved", 2) for lab in labs))


def test_finished_analyses_come_along_and_failed_ones_stay(both):
    first, run, second, new = both
    for name, settings in (("exemplars", {}), ("repairs", {}), ("robustness", CHEAP["robustness"])):
        ours, theirs = (
            Analyses(store).result(Question(which, 2, name, settings)) for store, which in ((first, run), (second, new))
        )
        assert ours is not None and theirs is not None and set(ours) == set(theirs)
        for key in ours:
            assert ours[key].dtype == theirs[key].dtype and ours[key].tobytes() == theirs[key].tobytes()
    assert Analyses(second).state(Question(new, 2, "exemplars", {})).seconds == 1.5
    assert Analyses(second).state(Question(new, 1, "curves", {})) is None


def test_scenarios_keep_their_edits_and_what_they_grew_out_of(both):
    first, run, second, new = both
    ours, theirs = ({s.name: s for s in Scenarios(store).all(which)} for store, which in ((first, run), (second, new)))
    assert set(theirs) == {"first <try>", "second"}
    for name, scenario in theirs.items():
        assert (scenario.edits, scenario.note, scenario.task, scenario.created) == (
            ours[name].edits,
            ours[name].note,
            ours[name].task,
            ours[name].created,
        )
    assert theirs["second"].base == theirs["first <try>"].id != ours["first <try>"].id


def test_an_answer_about_a_scenario_is_still_about_that_scenario(both):
    _, _, second, new = both
    first_try = next(s for s in Scenarios(second).all(new) if s.name == "first <try>")
    assert Analyses(second).result(Question(new, 2, "replay", {"scenario": first_try.id})) is not None


def test_the_shelf_knows_the_note_and_where_it_came_from(both):
    _, run, second, new = both
    entry = Shelf(second).entries()[0]
    assert (entry.run.name, entry.note, entry.imported, entry.starred) == ("tiny & <b>", "worth *keeping*", run, False)
    assert not list(second.folder(new).glob(".*")) and not (second.home / "incoming").exists()


def test_the_same_run_gives_the_same_bytes(full_home, archive, tmp_path):
    store = RunStore(full_home)
    assert exported(store, store.resolve("last"), tmp_path / "again.zip") == archive


def test_what_was_brought_in_can_be_sent_on_unchanged(both, archive, tmp_path):
    _, _, second, new = both
    sent, received = contents(archive), contents(exported(second, new, tmp_path / "on.zip"))
    differing = {name for name in sent | received if sent.get(name) != received.get(name)}
    named_anew = {name for name in differing if name.startswith("analyses")}  # one is about a scenario
    assert differing - named_anew == {"scenarios.jsonl", "manifest.json"}
    assert named_anew == {"analyses.jsonl"}


def test_the_same_run_is_not_brought_in_twice_unless_asked(both, archive, tmp_path):
    first, run, second, new = both
    path = tmp_path / "run.zip"
    path.write_bytes(archive)
    with pytest.raises(BadInput, match=f"here already, as {new}"):
        bring(second, path)
    with pytest.raises(BadInput, match=f"here already, as {run}"):
        bring(first, path)  # where it was trained
    with path.open("rb") as file:
        third = bring(second, file, again=True)
    assert third not in (run, new) and len(second.runs()) == 2
    second.delete(third)


def test_a_run_that_was_at_work_is_interrupted_here(own_tiny_home, empty, tmp_path):
    store = RunStore(own_tiny_home)
    run = store.resolve("last")
    adopt(store, run, os.getpid(), "running")
    exported(store, run, tmp_path / "run.zip")
    assert store.status(run) == "running"
    new = bring(empty, tmp_path / "run.zip")
    assert RunView(empty, new).status == "interrupted"


def test_images_that_are_not_here_leave_the_numbers(own_tiny_home, empty, tmp_path):
    store = RunStore(own_tiny_home)
    run = store.resolve("last")
    gone = store.row(run)["config"].replace('"aviary"', '"folder", "path": "/no/such/folder"')
    with store.database.writing() as db:
        db.execute("UPDATE runs SET config = ?", (gone,))
    exported(store, run, tmp_path / "run.zip")
    view = RunView(empty, bring(empty, tmp_path / "run.zip"))
    assert view.summary()["last_accuracy"] == RunView(store, run).summary()["last_accuracy"] is not None
    assert (
        "Not inside: the images, which lay in /no/such/folder."
        in contents((tmp_path / "run.zip").read_bytes())["README.txt"].decode()
    )


@pytest.fixture
def hardened(own_tiny_home, additive_folder):
    """The tiny run as if it had hardened its backbone: a backbone after each task."""
    store = RunStore(own_tiny_home)
    run = store.resolve("last")
    config = store.row(run)["config"].replace('"hardening": "no"', '"hardening": "tga"')
    with store.database.writing() as db:
        db.execute("UPDATE runs SET config = ?", (config,))
    for task in range(3):
        shutil.copytree(additive_folder, store.folder(run) / "towers" / f"task-{task:02d}")
    (store.folder(run) / "towers" / "task-01" / "vocabulary.txt").write_text("bird")
    return store, run


def test_hardened_backbones_come_along(hardened, empty, tmp_path):
    store, run = hardened
    exported(store, run, tmp_path / "run.zip")
    new = bring(empty, tmp_path / "run.zip")
    ours, theirs = (
        {path.relative_to(folder): path.read_bytes() for path in (folder / "towers").rglob("*") if path.is_file()}
        for folder in (store.folder(run), empty.folder(new))
    )
    assert len(ours) == 7 and ours == theirs


@pytest.mark.parametrize("name", ["snapshots/model-1.safetensors", "snapshots/classes-0.safetensors"])
def test_a_run_whose_model_is_gone_is_not_exported(own_tiny_home, tmp_path, name):
    store = RunStore(own_tiny_home)
    run = store.resolve("last")
    (store.folder(run) / name).unlink()
    with pytest.raises(StoreDamaged, match="it is missing"):
        exported(store, run, tmp_path / "run.zip")
    assert [path.name for path in tmp_path.iterdir() if path.name != "home"] == []


def test_a_full_disk_leaves_the_file_that_was_there(full_home, tmp_path, monkeypatch):
    path = tmp_path / "run.zip"
    path.write_bytes(b"older")

    def full(number):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreFull, match="nothing was left behind"):
        exported(RunStore(full_home), RunStore(full_home).resolve("last"), path)
    assert [p.name for p in tmp_path.iterdir()] == ["run.zip"] and path.read_bytes() == b"older"


def test_stopping_an_export_leaves_nothing(full_home, tmp_path):
    store = RunStore(full_home)
    steps = write(store, store.resolve("last"), tmp_path / "run.zip", report=False)
    for _ in range(5):
        next(steps)
    assert list(tmp_path.iterdir())  # half an archive under another name
    steps.close()
    assert not list(tmp_path.iterdir())


def test_a_place_that_is_none_is_told(full_home, tmp_path):
    store = RunStore(full_home)
    with pytest.raises(BadInput, match="in a folder that exists"):
        exported(store, store.resolve("last"), tmp_path / "none" / "run.zip")


def test_tables_say_what_the_run_says(full_home, archive):
    files, view = contents(archive), RunView(RunStore(full_home), RunStore(full_home).resolve("last"))
    table = [line.split(",") for line in files["tables/accuracy.csv"].decode().splitlines()]
    assert table[0] == ["split", "setting", "after_task", "task", "accuracy"]
    found = {(r[0], r[1], int(r[2]), int(r[3])): float(r[4]) for r in table[1:]}
    assert len(found) == 2 * 2 * 6  # splits, settings, cells of a triangle of 3
    assert found["moved", "task_il", 3, 2] == view.accuracy("moved", "task_il")[2, 1]
    counts = [line.split(",") for line in files["tables/confusion.csv"].decode().splitlines()[1:]]
    assert sum(int(r[-1]) for r in counts if r[:2] == ["test", "3"]) == view.confusion(2).sum()
    assert {name for name in files if name.startswith("tables/")} == {
        f"tables/{name}.csv"
        for name in ("summary", "accuracy", "confusion", "predictions", "concepts", "marks", "curves", "timing")
    }
    assert command(view.config) in files["README.txt"].decode()
    marked = [line.split(",") for line in files["tables/marks.csv"].decode().splitlines()]
    assert marked[0] == ["picture", "concept", "present", "marked", "sha256"]
    assert [row[:3] for row in marked[1:]] == [[m.picture, m.concept, ("no", "yes")[m.present]] for m in view.marks]
    said = [line.split(",") for line in files["tables/predictions.csv"].decode().splitlines()]
    assert said[0] == ["split", "after_task", "image", "true", "predicted", "probability"]
    last = [r for r in said[1:] if r[:2] == ["test", "3"]]
    assert sorted(int(r[2]) for r in last) == list(range(48))  # every test image once
    assert np.mean([r[3] == r[4] for r in last]) == pytest.approx(view.accuracy_seen("test")[-1])
    assert all(1 / 6 <= float(r[5]) <= 1 for r in last)


def test_snapshots_open_by_themselves(archive, tmp_path):
    """The files in the zip are ordinary safetensors that any reader opens."""
    for name, data in contents(archive).items():
        if name.startswith("snapshots/"):
            (tmp_path / name.split("/")[1]).write_bytes(data)
    assert load(tmp_path, 2).task == 2
