"""The training picture that stands for a class is the one nearest to the class's mean, and the run keeps which."""

import io

import numpy as np
import pytest
import torch

from engine.archive.bring import bring
from engine.archive.write import write
from engine.exhibits.pictures import drawing
from engine.records.forms import Known, check
from engine.records.measurements import NEAREST, forms
from engine.session.facts import RunFacts
from engine.session.lab import Lab
from engine.slides.shots import SIDE, dataset, plates
from engine.store.store import RunStore
from engine.store.view import RunView
from engine.structures import Malformed
from engine.training.material import Sample
from engine.training.nearest import nearest_to_mean


def test_it_is_the_nearest_by_cosine_and_of_equal_ones_the_first():
    features = torch.tensor([[1.0, 0.0], [0.8, 0.6], [0.6, 0.8], [0.0, 1.0], [0.0, 1.0]])
    sample = Sample(np.array([4, 9, 11, 2, 3]), features, torch.tensor([7, 7, 7, 5, 5]))
    found = nearest_to_mean(sample)
    assert found.tolist() == [2, 9] and found.dtype == np.int32  # the mean of the last is (0.8, 0.47)


def test_a_run_keeps_one_of_every_class_that_it_learnt_from(photo_home):
    store = RunStore(photo_home)
    lab = Lab(store, store.resolve("last"))
    train = lab.train(lab.view.tasks_done - 1)
    labels = lab.dataset.splits["train"].labels
    kept = lab.view.nearest
    assert sorted(kept) == [0, 1, 2, 3]
    for class_id, row in kept.items():
        own = np.flatnonzero(labels[train.rows] == class_id)
        assert row in train.rows[own]  # learnt from, not kept apart for validation
        features = train.features.numpy()[own]
        assert train.rows[own][(features @ features.mean(0)).argmax()] == row


def test_it_is_shown_and_in_a_run_without_it_the_first(own_photo_home):
    store = RunStore(own_photo_home)
    run = store.resolve("last")
    facts = RunFacts(store, run)
    kept, split = facts.view.nearest, dataset(facts).splits["train"]
    assert any(row != np.flatnonzero(split.labels == c)[0] for c, row in kept.items())
    draw = drawing(dataset(facts), SIDE)
    assert [plate.src for plate in plates(facts, [*kept], "abcd", "abcd")] == draw("train", [*kept.values()])
    with store.database.writing() as db:  # as an older Plumage left it
        db.execute("DELETE FROM metrics WHERE name = ?", (NEAREST,))
    assert RunView(store, run).nearest == {}
    firsts = [int(np.flatnonzero(split.labels == c)[0]) for c in kept]
    assert [plate.src for plate in plates(RunFacts(store, run), [*kept], "abcd", "abcd")] == draw("train", firsts)


@pytest.mark.parametrize("without", [False, True])
def test_it_travels_in_an_archive_and_may_be_missing_there(own_photo_home, tmp_path, without):
    store = RunStore(own_photo_home)
    run = store.resolve("last")
    if without:
        with store.database.writing() as db:
            db.execute("DELETE FROM metrics WHERE name = ?", (NEAREST,))
    kept = RunView(store, run).nearest
    for _ in write(store, run, tmp_path / "run.zip", report=False):
        pass
    other = RunStore(tmp_path / "other")
    brought = bring(other, io.BytesIO((tmp_path / "run.zip").read_bytes()))
    assert RunView(other, brought).nearest == kept and bool(kept) != without


def test_a_fork_has_those_of_its_parent(own_photo_home):
    store = RunStore(own_photo_home)
    parent = RunView(store, store.resolve("last"))
    child = store.create(parent.config, "fork")
    store.copy_tasks(parent.id, child, 0)
    kept = parent.nearest
    assert RunView(store, child).nearest == {c: kept[c] for c in parent.task_classes[0]}


@pytest.mark.parametrize("rows", [[1], [1, -2], [[1, 2]], [0.5, 1.0]])
def test_another_form_is_refused(rows):
    with pytest.raises(Malformed, match=NEAREST):
        check({NEAREST: np.array(rows)}, {NEAREST: forms("")[NEAREST]}, Known({"new": 2}))
