"""Parts of a run's stored models as NumPy arrays, for pages that must not wait two seconds for torch.

The files are those of `engine.model.storage`, which stays the only writer; here too they are held against the digests
that the store keeps of them.
"""

from __future__ import annotations

import numpy as np

from engine.array_types import Floats
from engine.model.chain import described, model_file
from engine.model.container import damaged, describe, read
from engine.model.side_channel import SIDE_CHANNELS
from engine.store.store import RunStore


def head(store: RunStore, run: str, task: int) -> Floats:
    """The weights [C, K] after a task.

    Raises:
        StoreDamaged: the file is missing or does not hold them.
    """
    return _read(store, run, task, "head")


def row(store: RunStore, run: str, task: int, concept: int) -> Floats | None:
    """The direction [D] that stands for a concept after a task, or None if the model did not have it yet.

    Raises:
        StoreDamaged: the file is missing or does not hold it.
    """
    rows = _read(store, run, task, "bottleneck")  # [K, D]
    return rows[concept] if concept < len(rows) else None


def side_channel(store: RunStore, run: str, task: int) -> str:
    """The kind of side channel that the model after a task has; empty for none.

    Raises:
        StoreDamaged: the file is missing or does not say so.
    """
    path = model_file(store.snapshots(run), task)
    return described(path, describe(path, store.snapshot_digest(run, task))).side


def goes_past_concepts(store: RunStore, run: str, task: int) -> bool:
    """Whether the model after a task adds to its logits what is not made of its concept scores; raises likewise."""
    side = side_channel(store, run, task)
    return bool(side) and not SIDE_CHANNELS.get(side).through_concepts


def _read(store: RunStore, run: str, task: int, name: str) -> Floats:
    path = model_file(store.snapshots(run), task)
    found = read(path, store.snapshot_digest(run, task)).arrays.get(name)
    if found is None or found.ndim != 2 or found.dtype != np.float32:
        raise damaged(path, "its parts do not fit together")
    return found
