"""What pages see of a run: shapes, what is not known yet, and no torch."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from engine.errors import NotApplicable, StoreDamaged
from engine.records.events import EpochEnded, FeaturesProgress, RunStarted, TaskStarted
from engine.runs.config import preset
from engine.store.view import RunView

ROOT = Path(__file__).parents[2]


def test_a_run_nobody_has_begun(empty_store):
    view = RunView(empty_store, empty_store.create(preset("tiny"), "name"))
    assert (view.name, view.status, view.active, view.wanted) == ("name", "queued", True, "run")
    assert (view.tasks_done, view.tasks_total, view.class_names, view.task_classes) == (0, 3, (), [])
    assert view.accuracy().shape == (0, 0)
    assert view.accuracy_seen().shape == view.nec.shape == view.zero_shot().shape == view.test_sizes().shape == (0,)
    assert set(view.summary().values()) == {None}
    assert view.epochs() == view.timing == []
    assert (view.seconds, view.peak_memory_mb) == (0, None)
    assert view.progress.phase == "start"
    for read in (lambda: view.snapshot(0), lambda: view.confusion(0), lambda: view.concept_metrics(0)):
        with pytest.raises(NotApplicable, match="task 1"):
            read()


def test_a_run_in_its_first_task(empty_store):
    run_id = empty_store.create(preset("tiny"))
    setup = RunStarted(("a", "b", "c"), ((2, 0), (1,)), ("test",), {"test": (4, 2)}, True)
    empty_store.write_setup(run_id, setup)
    empty_store.append(run_id, [TaskStarted(0, (2, 0)), FeaturesProgress(0, 5, 10)])
    view = RunView(empty_store, run_id)
    assert view.class_ids_seen(0) == (2, 0)
    assert view.class_ids_seen(1) == (2, 0, 1)
    assert view.tasks_total == 2  # the data decide
    assert np.isnan(view.accuracy()).all()
    assert view.accuracy().shape == (2, 2)
    assert (view.progress.phase, view.progress.epoch, view.progress.epochs) == ("features", 5, 10)
    empty_store.append(run_id, [EpochEnded(0, "train", 2, 4, 0.5, 0.25, None, 3.0)])
    (row,) = view.epochs()
    assert (row.task, row.phase, row.epoch, row.epochs, row.loss, row.val_accuracy) == (0, "train", 2, 4, 0.5, None)
    assert view.epochs(since_event_id=row.event_id) == []


def test_a_finished_run(reference):
    view = reference.view
    assert (view.status, view.active, view.error, view.parent) == ("finished", False, None, None)
    assert view.config == reference.config
    assert view.splits == ("test", "moved")
    assert view.tasks_done == view.tasks_total == 3
    for split in view.splits:
        for setting in ("class_il", "task_il"):
            matrix = view.accuracy(split, setting)
            known = np.tril(np.ones((3, 3), bool))
            assert (np.isnan(matrix) == ~known).all()
            assert ((matrix[known] >= 0) & (matrix[known] <= 1)).all()
            seen = view.accuracy_seen(split, setting)
            assert view.summary(split, setting)["average_accuracy"] == pytest.approx(seen.mean())
        assert (view.accuracy(split, "task_il")[known] >= view.accuracy(split, "class_il")[known]).all()
        assert (view.zero_shot(split, "task_il") >= view.zero_shot(split)).all()
        assert view.concept_matrix(split).shape == (3, 3)
    assert view.summary()["last_accuracy"] == reference.store.runs()[0].last_accuracy
    heads = [view.snapshot(t).head.numpy() for t in range(3)]
    assert view.nec.tolist() == [np.mean([(np.abs(row) > 1e-5).sum() for row in head]) for head in heads]
    assert [task.task for task in view.timing] == [0, 1, 2]
    assert 50 < view.peak_memory_mb < 20_000
    assert view.progress.fraction == 1.0


def test_concepts_of_a_finished_run(reference):
    concepts = reference.view.concept_metrics(1)
    size = len(concepts.text)
    assert set(concepts.born) == {0, 1}
    assert set(concepts.class_id) <= set(reference.view.class_ids_seen(1))
    assert all(len(column) == size for column in (concepts.group, concepts.drift, concepts.alignment))
    for split in reference.view.splits:
        assert concepts.auc[split].shape == concepts.accuracy[split].shape == (size,)
        assert np.isfinite(concepts.auc[split]).any()
    assert ((concepts.alignment >= -1) & (concepts.alignment <= 1)).all()


def test_how_much_of_its_answers_comes_past_the_concepts(store, tiny, reference):
    from engine.jobs.training import work

    run_id = store.create(tiny("pcbm_h"))
    work(store, run_id)
    view = RunView(store, run_id)
    assert view.status == "finished"
    for split in view.splits:
        share, margin = view.past_concepts(split)
        assert share.shape == margin.shape == (3,) and (margin > 0).all() and (margin < 1).all()
        assert (share >= 0).all() and (share <= 1).all()
    assert all(np.isnan(part).all() for part in reference.view.past_concepts())  # it has no side channel


def test_a_method_without_concepts_has_no_concept_metrics(store, tiny):
    from engine.jobs.training import work

    run_id = store.create(tiny("ncm"))
    work(store, run_id)
    view = RunView(store, run_id)
    assert view.concept_metrics(0) is None
    assert np.isnan(view.concept_matrix()).all()
    assert view.summary()["last_accuracy"] > 0


def test_a_damaged_snapshot_is_named_and_the_rest_is_there(store, reference):
    from engine.jobs.training import work

    run_id = store.create(reference.config)
    work(store, run_id)
    view = RunView(store, run_id)
    file = next(store.snapshots(run_id).glob("model-1*"))
    os.truncate(file, file.stat().st_size // 2)
    with pytest.raises(StoreDamaged, match="model-1"):
        view.snapshot(1)
    assert view.snapshot(2).task == 2
    assert view.summary()["last_accuracy"] is not None


def test_everything_but_snapshots_is_read_without_torch(reference):
    code = f"""
import sys
from pathlib import Path
from engine.store.store import RunStore
from engine.store.view import RunView
from engine.jobs import control
store = RunStore(Path({str(reference.home)!r}))
view = RunView(store, store.runs()[0].id)
for name in dir(view):
    if not name.startswith('_'):
        getattr(view, name)
view.summary(), view.accuracy(), view.confusion(2), view.confusion_tasks(2), view.concept_metrics(2), view.epochs()
loaded = {{'torch', 'open_clip', 'streamlit', 'plotly', 'pandas'}} & set(sys.modules)
assert not loaded, loaded
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
