"""The tiny run with a residual beside its concepts: what a method with a side channel leaves."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import torch

from engine.metrics.accuracy import over_images
from engine.model.side_channel import SideChannel
from engine.model.side_channels.linear import LinearSide
from engine.model.storage import save
from engine.session.lab import Lab
from engine.store.store import RunStore
from engine.training.evaluate import Births, evaluate

LAST = 2


def with_side(store: RunStore, side: SideChannel) -> None:
    """Put a side channel beside the last model of the newest run, and measure it anew."""
    lab = Lab(store, store.resolve("last"))
    model = replace(lab.snapshot(LAST), side=side)
    births = Births()
    for task in range(LAST + 1):
        births.note(lab.snapshot(task))
    metrics = evaluate(model, lab.snapshot(LAST - 1), lab.seen(LAST), births)
    accuracy = over_images(metrics["test"]["class_il"], lab.stream.test_sizes("test")[: LAST + 1])
    store.measured_anew(lab.view.id, LAST, metrics, accuracy, save(store.snapshots(lab.view.id), model))


def beside_copy(home: Path, copy: Path, strength: float) -> RunStore:
    """A copy of a home whose newest run has a residual towards the class means; a large one decides."""
    store = RunStore(Path(shutil.copytree(home, copy)))
    means = Lab(store, store.resolve("last")).snapshot(LAST).classes.means
    with_side(store, LinearSide(strength * torch.nn.functional.normalize(means - means.mean(0), dim=1)))
    return store
