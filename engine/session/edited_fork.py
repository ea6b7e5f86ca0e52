"""Edits that last: a fork that starts from an edited model and learns the later tasks on top of it. Imports torch.

The fork's snapshot of the edited task is the edited model, measured anew, so that its pages tell the truth about where
it began. Everything before that task is shared with the parent, everything after is learnt as always: whether the edit
survives is then a question to the training. Training fits no bias, so one that a refit brought is gone after it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import numpy as np

from engine.errors import NotApplicable
from engine.interventions.edits import apply
from engine.interventions.stored_edits import from_mappings
from engine.jobs import control
from engine.metrics.accuracy import over_images
from engine.model.snapshot import Snapshot
from engine.model.storage import save
from engine.records.events import Array
from engine.records.measurements import NEAREST
from engine.runs.task_backbones import compensates_drift
from engine.session.lab import Lab
from engine.store.origin import FILE
from engine.store.scenarios import Scenario
from engine.training.evaluate import Births, evaluate


def fork_edited(lab: Lab, scenario: Scenario, name: str = "") -> str:
    """Start a fork of the lab's run whose model after the scenario's task is the edited one; returns its id.

    Raises:
        NotApplicable: no task is left to learn, or the model cannot be edited so.
        StoreError: the store cannot be written.
    """
    store, run, task = lab.store, lab.view.id, scenario.task
    if task + 1 >= len(lab.stream.tasks):
        raise NotApplicable(
            f"training on from “{scenario.name}”",
            "it was made after the last task, so nothing is left to learn",
            "Make the edits on an earlier task",
        )
    edited = apply(lab.view.snapshot(task, memory=True), from_mappings(scenario.edits))
    metrics = measured_of(lab, edited)
    child = control.branch(run, task, {}, name or f"with {scenario.name}", store)
    with control.dropped_if_it_fails(child, store):
        accuracy = over_images(metrics["test"]["class_il"], lab.stream.test_sizes("test")[: task + 1])
        digest = save(store.snapshots(child), edited, compensates_drift(lab.config))
        store.measured_anew(child, task, metrics, accuracy, digest)
        origin = {"run": run, "scenario": scenario.id, "task": task}
        (store.folder(child) / FILE).write_text(json.dumps(origin), encoding="utf-8")
    control.launch(child, store)
    return child


def measured_of(lab: Lab, edited: Snapshot) -> Mapping[str, Mapping[str, Array]]:
    """What the training loop would store of an edited model of the lab's run."""
    task, births = edited.task, Births()
    for earlier in range(task + 1):
        births.note(lab.snapshot(earlier))
    found = evaluate(edited, lab.snapshot(task - 1) if task else None, lab.seen(task), births)
    nearest, new = lab.view.nearest, lab.view.task_classes[task]
    if set(new) <= set(nearest):  # an edit leaves the training pictures as they were
        found[""][NEAREST] = np.array([nearest[c] for c in new], np.int32)
    return found
