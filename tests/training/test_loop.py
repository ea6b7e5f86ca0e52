"""The training loop: deterministic, resumable, cancellable, and its figures are those of its models."""

import time
from itertools import pairwise

import numpy as np
import pytest
import torch

from engine.data.streams import TRAIN
from engine.errors import NotApplicable
from engine.methods.base import METHODS
from engine.records.events import EpochEnded, FeaturesProgress, RunFinished, RunStarted, TaskEvaluated, TaskFinished
from engine.runs.sources import open_dataset, open_stream
from engine.training.loop import train


def run(config, cache, history=()):
    """(all events, metrics by task, snapshots)."""
    events = list(train(config, cache, history, helpers=0))
    metrics = {e.task: e.metrics for e in events if isinstance(e, TaskEvaluated)}
    return events, metrics, [e.snapshot for e in events if isinstance(e, TaskFinished)]


def assert_same(one, other):
    assert one.keys() == other.keys()
    for task in one:
        for split, named in one[task].items():
            assert named.keys() == other[task][split].keys()
            for name, array in named.items():
                np.testing.assert_array_equal(array, other[task][split][name], err_msg=f"{task} {split} {name}")


def test_the_order_of_events(reference):
    events, _, _ = run(reference.config, reference.home / "cache")
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[-1], RunFinished)
    kinds = [type(e).__name__ for e in events]
    assert [e.task for e in events if isinstance(e, TaskFinished)] == [0, 1, 2]
    assert kinds.index("FeaturesProgress") < kinds.index("EpochEnded") < kinds.index("TaskEvaluated")
    epochs = [e for e in events if isinstance(e, EpochEnded) and e.task == 1]
    assert [(e.phase, e.epoch) for e in epochs] == [("search", i) for i in range(1, 5)] + [
        ("train", i) for i in range(1, 9)
    ]
    assert all(a.seconds <= b.seconds for a, b in pairwise(epochs))
    images = [e for e in events if isinstance(e, FeaturesProgress) and e.task == 0]
    assert images[-1].done == images[-1].total == 2 * 20 + 2 * 2 * 8  # train, and two test splits


@pytest.mark.parametrize("method", ["clg_cbm", "joint", "ncm"])
def test_going_on_after_any_task_changes_nothing(reference, tiny, method):
    config, cache = tiny(method), reference.home / "cache"
    _, metrics, snapshots = run(config, cache)
    for done in range(1, 3):
        _, rest, later = run(config, cache, iter(snapshots[:done]))
        assert_same(rest, {task: metrics[task] for task in range(done, 3)})
        for one, other in zip(later, snapshots[done:], strict=True):
            assert torch.equal(one.bottleneck, other.bottleneck)
            assert torch.equal(one.head, other.head)


def test_a_fresh_cache_changes_nothing(reference, tmp_path):
    _, cached, _ = run(reference.config, reference.home / "cache")
    _, fresh, _ = run(reference.config, tmp_path)
    assert_same(cached, fresh)


def test_another_seed_changes_something(reference, tiny):
    _, one, _ = run(reference.config, reference.home / "cache")
    _, other, _ = run(tiny(seed=7), reference.home / "cache")
    assert not np.array_equal(one[2][""]["alignment"], other[2][""]["alignment"])


def test_figures_are_those_of_the_stored_models(reference):
    """Accuracy, confusion and concept figures computed again, plainly, from the snapshot and the cached features."""
    from engine.training.embedder import Embedder

    config, view = reference.config, reference.view
    dataset = open_dataset(config)
    stream = open_stream(config, dataset)
    embedder = Embedder(config.backbone, dataset, reference.home / "cache", helpers=0)
    snapshot = view.snapshot(2)
    for split in view.splits:
        rows = np.arange(len(dataset.splits[split].labels))
        images = embedder.images({split: rows})
        try:
            while True:
                next(images)
        except StopIteration as end:
            features = end.value[split]
        logits = features @ snapshot.bottleneck.T @ snapshot.head.T + snapshot.bias
        predicted = np.array(snapshot.class_ids)[logits.argmax(1).numpy()]
        right = predicted == dataset.splits[split].labels
        assert view.summary(split)["last_accuracy"] == pytest.approx(right.mean())
        for k, task in enumerate(stream.tasks):
            assert view.accuracy(split)[2, k] == pytest.approx(right[task.tests[split]].mean())
        counts = view.confusion(2, split)
        assert counts.sum() == len(rows)
        assert np.trace(counts) == right.sum()
        assert view.confusion_tasks(2, split).sum(1).tolist() == view.test_sizes(split).tolist()
        concepts = view.concept_metrics(2)
        k = next(i for i, concept in enumerate(snapshot.bank.concepts) if concept.truth is not None)
        truth = dataset.splits[split].truth[:, snapshot.bank.concepts[k].truth]
        scores = (features @ snapshot.bottleneck[k]).numpy()
        wins = (scores[truth][:, None] > scores[~truth]).mean() + (scores[truth][:, None] == scores[~truth]).mean() / 2
        assert concepts.auc[split][k] == pytest.approx(wins, nan_ok=True)
        unknown = [c.truth is None for c in snapshot.bank.concepts]
        assert np.isnan(concepts.auc[split][unknown]).all()


def test_drift_is_measured_from_birth(reference):
    concepts = reference.view.concept_metrics(2)
    first, last = reference.view.snapshot(0), reference.view.snapshot(2)
    born_last = np.array(concepts.born) == 2
    np.testing.assert_allclose(concepts.drift[born_last], 0.0, atol=1e-6)
    old, new = first.bottleneck[0], last.bottleneck[0]
    assert concepts.drift[0] == pytest.approx(1 - float(torch.cosine_similarity(old, new, dim=0)), abs=1e-6)
    assert concepts.text == tuple(concept.text for concept in last.bank.concepts)


def test_waiting_outside_is_not_counted(reference):
    events = train(reference.config, reference.home / "cache", helpers=0)
    waited = False
    for event in events:
        if isinstance(event, EpochEnded) and not waited:
            time.sleep(1.0)
            waited = True
        if isinstance(event, TaskFinished):
            assert event.seconds < 1.0
            break
    events.close()


def test_closing_cancels(reference, monkeypatch):
    closed = []
    learn = METHODS.get("clg_cbm").learn

    def watched(self, data):
        try:
            return (yield from learn(self, data))
        finally:
            closed.append(data.task)

    monkeypatch.setattr(METHODS.get("clg_cbm"), "learn", watched)
    events = train(reference.config, reference.home / "cache", helpers=0)
    next(e for e in events if isinstance(e, EpochEnded))
    events.close()
    assert closed == [0]
    assert list(events) == []


def test_a_method_that_does_not_apply_says_why(tiny, reference, monkeypatch):
    monkeypatch.setattr(
        METHODS.get("ncm"), "why_not", lambda self, setup: f"{setup.classes} classes, {setup.tasks} tasks"
    )
    with pytest.raises(NotApplicable, match="6 classes, 3 tasks"):
        list(train(tiny("ncm"), reference.home / "cache", helpers=0))


def test_only_the_current_tasks_images_are_read(reference, tmp_path):
    """The first accuracy is on screen long before the last image is drawn."""
    events = train(reference.config, tmp_path, helpers=0)
    seen = []
    for event in events:
        if isinstance(event, FeaturesProgress):
            seen.append((event.task, event.total))
        if isinstance(event, TaskFinished):
            break
    events.close()
    assert {task for task, _ in seen} == {0}


@pytest.mark.parametrize("order", ["seed", "similarity", "given"])
def test_orders(tiny, reference, order):
    names = open_dataset(reference.config).class_names
    config = tiny("ncm", order=order, class_order=",".join(reversed(names)) if order == "given" else "")
    started = next(train(config, reference.home / "cache", helpers=0))
    flat = [c for ids in started.task_classes for c in ids]
    assert sorted(flat) == list(range(6))
    if order == "given":
        assert flat == [5, 4, 3, 2, 1, 0]


def test_validation_is_never_test(reference):
    stream = open_stream(reference.config, open_dataset(reference.config))
    for task in stream.tasks:
        assert not set(task.train) & set(task.val)
        assert TRAIN not in task.tests
