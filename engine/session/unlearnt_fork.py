"""Unlearning: a fork of a run whose models have never seen some images or classes. Imports torch.

What a method sums over images it can take away again, exactly (`Method.can_unlearn`). So each model of the run gives
one of the fork, and the fork's settings are those of a run that is trained without (`engine.session.forgetting`). To
train with these settings is the proof (`engine.analyses.unlearning`). The run itself is not touched.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from engine.errors import NotApplicable
from engine.home import cache_folder
from engine.jobs import control
from engine.methods.base import METHODS
from engine.metrics.accuracy import over_images
from engine.model.snapshot import Snapshot
from engine.model.storage import save
from engine.records.events import RunStarted, TaskFinished
from engine.records.measurements import NEAREST
from engine.runs.config import RunConfig
from engine.session.forgetting import RETRAIN, Forgetting, ToForget
from engine.session.lab import Lab
from engine.steps import Step
from engine.store import jobs
from engine.store.states import FINISHED, STOPPED
from engine.store.store import RunStore
from engine.store.summary import stored_config
from engine.training.evaluate import evaluate
from engine.training.loop import train
from engine.training.memory import PeakMemory
from engine.training.nearest import nearest_to_mean


def why_not(lab: Lab) -> str | None:
    """Why a run cannot unlearn exactly, in words, or None if it can."""
    config = lab.config
    if not METHODS.get(config.method).can_unlearn:
        return f"{METHODS.title(config.method)} is not made of sums over images, so taking some away would not be exact"
    if lab.changes_backbone:
        return "its backbone was hardened on the images as well, and no sum says how, so it would not be exact"
    for ancestor in _ancestors(lab.store, lab.view.parent):
        if (ancestor.seed, ancestor.settings) != (config.seed, config.settings):
            return "it is a fork whose first tasks were learnt with another seed or other settings of the method"
    return None


def _ancestors(store: RunStore, run: str | None) -> Iterator[RunConfig]:
    known = {summary.id for summary in store.runs()}
    while run is not None and run in known:
        row = store.row(run)
        yield stored_config(row)
        run = row["parent"]


def unlearn(lab: Lab, what: ToForget, name: str = "", tell: Callable[[Step], object] = lambda step: None) -> str:
    """Make the fork, and return its id. It is finished where the run is, and goes on from there where it is not.

    Args:
        name: what the fork is called; after what goes if not given.
        tell: hears how far it is.

    Raises:
        NotApplicable: the run cannot unlearn exactly, or what would be left is no model.
        BadParameter: what would be left are no tasks: fewer than two classes, or a class without an image.
        StoreError: the store cannot be written.
    """
    reason = why_not(lab)
    if reason:
        raise NotApplicable(f"unlearning in run {lab.view.id}", reason, RETRAIN)
    forgetting = Forgetting(lab, what)
    store, config = lab.store, forgetting.config
    last = lab.view.tasks_done - 1
    child = store.create(config, name or forgetting.named, parent=lab.view.id, parent_task=last, status=STOPPED)
    with control.dropped_if_it_fails(child, store):
        own = Lab(store, child)
        store.write_setup(child, _setup(own))
        previous: Snapshot | None = None
        for place, model in enumerate(forgetting.models()):
            tell(Step(place, last + 1, f"unlearning in the model after task {place + 1}"))
            previous = _keep(own, model, previous)
        if own.view.tasks_done == own.view.tasks_total:
            with store.database.writing() as db:
                jobs.record(db, jobs.TRAINING, child, child, FINISHED, None)
    return child


def _setup(lab: Lab) -> RunStarted:
    """What a training of the fork would begin by telling: it is told by one that ends there."""
    events = train(lab.config, cache_folder(lab.store.home), folder=lab.store.folder(lab.view.id), helpers=0)
    try:
        first = next(events)
    finally:
        events.close()
    assert isinstance(first, RunStarted)  # the loop begins so
    return first


def _keep(lab: Lab, model: Snapshot, previous: Snapshot | None) -> Snapshot:
    """Store a model as the next finished task of the fork, measured as training measures."""
    task, store, run = model.task, lab.store, lab.view.id
    began, memory = time.perf_counter(), PeakMemory()
    metrics = evaluate(model, previous, lab.seen(task), None)
    metrics[""][NEAREST] = nearest_to_mean(lab.fresh(task))
    accuracy = over_images(metrics["test"]["class_il"], lab.stream.test_sizes("test")[: task + 1])
    digest = save(store.snapshots(run), model)
    finished = TaskFinished(task, time.perf_counter() - began, memory.mebibytes, model)
    store.commit_task(run, finished, metrics, accuracy, digest)
    return model
