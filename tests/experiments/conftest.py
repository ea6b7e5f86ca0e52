"""An experiment on the tiny preset with a small backbone, and a queue whose jobs are done at once, in this process."""

from __future__ import annotations

import pytest

from engine.experiments import driving
from engine.experiments.cells import cells
from engine.experiments.driving import drive_here
from engine.experiments.experiment import Experiment
from engine.experiments.search import known
from engine.experiments.standing import standing
from engine.jobs import queue
from engine.jobs.training import work
from engine.store.experiments import KeptExperiments


@pytest.fixture
def trained(monkeypatch):
    """The runs that were trained, in their order; each by the real engine, but in this process."""
    found: list[str] = []

    def start(store, job):
        found.append(job.subject)
        work(store, job.subject)

    monkeypatch.setattr(queue, "_start", start)
    monkeypatch.setattr(driving, "_LOOK", 0.0)
    monkeypatch.setattr(driving, "_REST", 0.0)  # a look takes as long as the training in it
    return found


@pytest.fixture
def declare(store, backbone):
    """Keep an experiment and return its number: `declare(seed=[1, 2], common={...}, retries=0)`."""
    options = {"search", "trials", "retries", "at_once", "hours", "watching"}

    def make(name="one", common=(), **given):
        axes = {key.replace("__", "."): value for key, value in given.items() if key not in options}
        values = {key: value for key, value in given.items() if key in options}
        shared = {"backbone": backbone, "method": "ncm", **dict(common)}
        shared = {key: value for key, value in shared.items() if key not in axes}
        declared = Experiment.from_mapping(
            {"name": name, "preset": "tiny", "watching": False, **values, "set": shared, "axes": axes}
        )
        kept = KeptExperiments(store.database)
        before = next((one for one in kept.all() if one.name == name), None)
        if before is None:
            return kept.save(name, declared.to_mapping())
        kept.change(before.id, name, declared.to_mapping())
        return before.id

    return make


@pytest.fixture
def driven(store):
    """Drive an experiment to its end in this process."""
    return lambda number: drive_here(store, number, lambda step: None)


@pytest.fixture
def states(store):
    """How far its cells are."""

    def of(number):
        kept = KeptExperiments(store.database).get(number)
        declared = Experiment.from_mapping(kept.declared)
        return standing(store, cells(declared, known(declared, kept.settings)))

    return of
