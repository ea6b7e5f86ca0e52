"""The tiny run with a residual beside its concepts: what a method with a side channel leaves."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import torch

from engine.model.side_channel import SideChannel
from engine.model.side_channels.linear import LinearSide
from engine.model.storage import load, save
from engine.store.store import RunStore

LAST = 2


def with_side(home: Path, side: SideChannel) -> RunStore:
    """Put a side channel beside the last model of a home's newest run."""
    store = RunStore(home)
    run = store.resolve("last")
    model = load(store.snapshots(run), LAST)
    digest = save(store.snapshots(run), replace(model, side=side))
    with store.database.writing() as db:
        db.execute("UPDATE tasks SET snapshot = ? WHERE run = ? AND task = ?", (digest, run, LAST))
    return store


def residual(home: Path, strength: float) -> LinearSide:
    """A residual towards the class means: with a large strength a nearest class mean decides."""
    store = RunStore(home)
    means = load(store.snapshots(store.resolve("last")), LAST).classes.means
    return LinearSide(strength * torch.nn.functional.normalize(means - means.mean(0), dim=1))


def beside_copy(home: Path, copy: Path, strength: float) -> RunStore:
    """A copy of a home whose newest run has a residual."""
    shutil.copytree(home, copy)
    return with_side(copy, residual(copy, strength))
