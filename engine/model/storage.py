"""Snapshots on disk, exactly as they were, and bound to each other.

After task t a run has `model-0 ... model-t` and `classes-0 ... classes-t`:

    model-{t}.safetensors     bottleneck, head, bias and the bank's embeddings after task t; texts in the description
    classes-{t}.safetensors   means, covariances (in the arrays of their form) and name embeddings of the classes that
                              arrived in task t; a covariance that all classes share as it is after task t
    memory-{t}.safetensors    what the method carries from task t to the next, where it carries anything

A side channel's arrays lie in the model's file, under `side.` and their name; its description names the kind. Memory is
read by who trains on, not by who looks. Statistics of a class never change, so each is stored once and storage does not
grow with the square of the classes; but where they are carried along with a backbone that changes from task to task
(`engine.model.drift`), a task's file holds those of all earlier classes as well, under `carried.` and their name.

A model's description names the digest of the model before it, of the classes files it goes with, and of its memory, so
the digest of the last model stands for the whole chain; the store keeps it in the task's row. No file names its run:
equal configs leave equal files, and forks share them.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.concepts.bank import Concept, ConceptBank
from engine.model.chain import (
    ModelFile,
    before,
    classes_digests,
    classes_file,
    described,
    memory_file,
    model_file,
)
from engine.model.class_files import arrays_of, description_of, load_classes, tensor_of
from engine.model.container import Contents, damaged, describe, read, write
from engine.model.side_channel import SIDE_CHANNELS, SideChannel
from engine.model.snapshot import Snapshot


def save(directory: Path, snapshot: Snapshot, carried: bool = False) -> str:
    """Write the files of `snapshot.task` and return the digest of its model; replaces them if they are there.

    The model comes last: a model file means that the task is complete.

    Args:
        carried: whether statistics of earlier classes changed in this task (`engine.runs.task_backbones`).

    Raises:
        StoreFull, StoreReadOnly, StoreError: nothing was left behind but what was there before.
    """
    earlier = before(directory, snapshot.task)
    old = len(earlier.class_ids) if earlier else 0
    statistics, arrived = snapshot.classes, list(snapshot.class_ids[old:])
    classes = arrays_of(statistics, old, carried)
    own = {
        "bottleneck": snapshot.bottleneck,
        "head": snapshot.head,
        "bias": snapshot.bias,
        "embeddings": snapshot.bank.embeddings,
        **({f"{_SIDE}{name}": part for name, part in snapshot.side.tensors.items()} if snapshot.side else {}),
    }
    memory = memory_file(directory, snapshot.task)
    kept = write(memory, _arrays(snapshot.memory), {}) if snapshot.memory else ""
    newest = write(classes_file(directory, snapshot.task), _arrays(classes), {"class_ids": arrived})
    description = {
        "class_ids": list(snapshot.class_ids),
        "concepts": [[c.text, c.group, c.task, c.class_id, c.truth] for c in snapshot.bank.concepts],
        **description_of(statistics.covariances),
        "previous": describe(model_file(directory, snapshot.task - 1)).digest if earlier else "",
        "classes": [*(classes_digests(directory, snapshot.task - 1, earlier) if earlier else ()), newest],
        "side": snapshot.side.name if snapshot.side else "",
        "memory": kept,
    }
    return write(model_file(directory, snapshot.task), _arrays(own), description)


def load(directory: Path, task: int, digest: str = "", memory: bool = False) -> Snapshot:
    """The snapshot after `task`, exactly as saved.

    Args:
        digest: what `save` returned for it; anything else in its place is refused.
        memory: whether to read what the method carries on, too.

    Raises:
        StoreDamaged: a file is missing, cut short, altered, not the one that belongs here, or does not fit the others;
            the message names it.
    """
    path = model_file(directory, task)
    contents = read(path, digest)
    model = described(path, contents)
    try:
        concepts = tuple(Concept(*entry) for entry in model.concepts)
        rows = {name: tensor_of(contents, name, axes) for name, axes in _MODEL.items()}
        bank = ConceptBank(concepts, rows["embeddings"])
        classes = load_classes(directory, task, model)
        parts = rows["bottleneck"], rows["head"], rows["bias"], classes, _side(contents, model.side)
        kept = _load_memory(directory, task, model) if memory else {}
        return Snapshot(task, model.class_ids, bank, *parts, kept)
    except (KeyError, TypeError, ValueError, IndexError, RuntimeError) as error:
        raise damaged(path, f"its parts do not fit together ({error})") from error


_MODEL: Mapping[str, int] = {"bottleneck": 2, "head": 2, "bias": 1, "embeddings": 2}
"""Axes of each array."""
_SIDE = "side."
_REMEMBERED = frozenset({"float32", "float64", "int64", "bool"})


def _side(contents: Contents, name: str) -> SideChannel | None:
    """Raises KeyError, ValueError or TypeError where there is no such kind or its arrays are others."""
    if not name:
        return None
    if name not in SIDE_CHANNELS.names():
        raise ValueError(f"a side channel of the kind {name[:40]!r} is not known")
    kind = SIDE_CHANNELS.get(name)
    return kind(**{field: tensor_of(contents, f"{_SIDE}{field}", axes) for field, axes in kind.axes.items()})


def _load_memory(directory: Path, task: int, model: ModelFile) -> dict[str, Tensor]:
    if not model.memory:
        return {}
    path = memory_file(directory, task)
    found = read(path, model.memory).arrays
    if not all(str(array.dtype) in _REMEMBERED for array in found.values()):
        raise damaged(path, "it holds other numbers than a method keeps")
    return {name: torch.from_numpy(array.copy()) for name, array in found.items()}


def _arrays(tensors: Mapping[str, Tensor]) -> dict[str, Any]:
    return {name: tensor.detach().cpu().numpy() for name, tensor in tensors.items()}
