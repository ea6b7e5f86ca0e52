"""A damaged run: what could not be brought in again is not exported, and what can be computed again is left out."""

from __future__ import annotations

import io
import shutil

import numpy as np
import pytest

from engine.archive.bring import bring
from engine.archive.write import write
from engine.errors import StoreDamaged
from engine.jobs.analyses import Analyses, Question
from engine.records.arrays import pack
from engine.store.store import RunStore
from tests.archive.conftest import exported
from tests.archive.forge import contents


@pytest.fixture
def damaged(full_home, tmp_path):
    """A copy of the run with everything, to be damaged."""
    store = RunStore(shutil.copytree(full_home, tmp_path / "home", ignore=shutil.ignore_patterns("cache")))
    return store, store.resolve("last")


def refused(store, run, path, reason):
    with pytest.raises(StoreDamaged, match=reason) as caught:
        exported(store, run, path / "run.zip")
    assert run in str(caught.value) and "an archive that cannot be imported is not made" in str(caught.value)
    assert [one.name for one in path.iterdir() if one.name != "home"] == []


@pytest.mark.parametrize("name", ["model-1", "classes-0"])
def test_a_bit_that_flipped_in_a_model(damaged, tmp_path, name):
    store, run = damaged
    path = store.snapshots(run) / f"{name}.safetensors"
    data = bytearray(path.read_bytes())
    data[-100] ^= 8
    path.write_bytes(data)
    refused(store, run, tmp_path, f"snapshots/{name}.safetensors in this archive: .*altered")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("UPDATE metrics SET data = X'00' WHERE name = 'ece'", "ece.npy in this archive: it is no array"),
        (
            "DELETE FROM metrics WHERE name = 'nec' AND task = 1",
            "task-01/nec.npy in this archive: it is missing",
        ),
        ("UPDATE tasks SET accuracy = 7 WHERE task = 1", "accuracy: input should be less than or equal to 1"),
        ("UPDATE tasks SET finished = 1e13", "finished: input should be less than"),
        ("UPDATE scenarios SET name = '' WHERE name = 'second'", "name: string should have at least 1"),
        ("UPDATE runs SET tasks_total = 9", "does not fit its 3 tasks"),
    ],
)
def test_rows_that_no_import_would_take(damaged, tmp_path, change, reason):
    store, run = damaged
    with store.database.writing() as db:
        db.execute(change)
    refused(store, run, tmp_path, reason)


def test_confusion_that_does_not_fit_the_outcomes(damaged, tmp_path):
    store, run = damaged
    with store.database.writing() as db:
        odd = pack(np.zeros((6, 6), np.int64))
        db.execute("UPDATE metrics SET data = ? WHERE name = 'confusion' AND task = 2 AND split = 'test'", (odd,))
    refused(store, run, tmp_path, "predicted.npy in this archive: it is not what the confusion counts")


@pytest.mark.parametrize("text", ["[", "[NaN]", "{}"])
def test_events_that_are_none(damaged, tmp_path, text):
    store, run = damaged
    with store.database.writing() as db:
        db.execute("UPDATE events SET body = ? WHERE id = 1", (text,))
    with pytest.raises(StoreDamaged, match=run):
        exported(store, run, tmp_path / "run.zip")
    assert not (tmp_path / "run.zip").exists()


def test_a_damaged_analysis_is_left_out_and_named(damaged, empty, tmp_path):
    store, run = damaged
    with store.database.writing() as db:
        of = "analysis = (SELECT id FROM analyses WHERE name = 'exemplars')"
        db.execute(f"UPDATE results SET data = ? WHERE name = 'hits' AND {of}", (pack(np.zeros((2, 4), np.bool_)),))
        db.execute("UPDATE results SET data = X'' WHERE name = 'every'")
    steps = write(store, run, tmp_path / "run.zip", report=False)
    with pytest.raises(StopIteration) as end:
        while True:
            next(steps)
    said = end.value.value
    assert len(said) == 2 and said[0].startswith(f"analysis curves of run {run} after task 3: it is damaged (every: ")
    assert said[1].startswith(
        f"analysis exemplars of run {run} after task 3: it is damaged (hits: it is of shape (2, 4)"
    )
    files = contents((tmp_path / "run.zip").read_bytes())
    assert all(f"Left out: {one}." in files["README.txt"].decode() for one in said)
    new = bring(empty, io.BytesIO((tmp_path / "run.zip").read_bytes()))
    assert Analyses(empty).state(Question(new, 2, "exemplars", {})) is None
    assert Analyses(empty).result(Question(new, 2, "repairs", {})) is not None
