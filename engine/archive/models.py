"""The models of an archive, unpacked but not yet believed: can they be read, and are they those of the run? Torch."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.archive import layout
from engine.archive.foreign import refused
from engine.archive.record import Record
from engine.backbone.presets import CONFIG_FILE, LOCAL, WEIGHTS_FILE, identify, local_folder, read_config
from engine.errors import MissingWeights, StoreError
from engine.model.chain import check_chain
from engine.model.snapshot import Snapshot
from engine.model.storage import load
from engine.runs.task_backbones import changes_backbone, tower
from engine.steps import Step

_FOREIGN = ("hf_", "timm_")
"""Parts of an open_clip config that begin so make it load models of others, by name or from the web."""


def needed(record: Record) -> list[str]:
    """The files with models that the run must have."""
    names: list[str] = []
    for task in range(len(record.tasks)):
        names += layout.models(task)
        if changes_backbone(record.config):
            names += layout.tower(task, CONFIG_FILE), layout.tower(task, WEIGHTS_FILE)
    return names


def check_names(record: Record, names: Iterable[str]) -> None:
    """Check that a run has the files it must have, and no model of a task it did not finish.

    Raises:
        BadInput: one is missing, or there is one too many.
    """
    there = {name for name in names if (rule := layout.rule(name)) and rule.use == "unpack"}
    wanted = set(needed(record))
    if lost := sorted(wanted - there):
        raise refused(lost[0], "it is missing, and without it the run's model cannot be opened")
    folders = {name.rpartition("/")[0] for name in wanted}
    carried = {layout.memory(task) for task in range(len(record.tasks))}  # `check_models` asks whether they belong
    extra = sorted(name for name in there - wanted - carried if name.endswith((".safetensors", ".json")))
    extra += sorted(name for name in there - wanted if name.rpartition("/")[0] not in folders)
    if extra:
        raise refused(extra[0], "the run has no such model")


Bound = Mapping[str, str]
"""Digests of what a task left, by the columns of its row: its model, and its backbone where the run hardens one."""


def check_models(folder: Path, record: Record) -> Generator[Step, None, tuple[Bound, ...]]:
    """Open every model below `folder` and compare it with what the run's rows say; returns what binds each task to it.

    Raises:
        BadInput: one cannot be read, or is another run's.
    """
    bound: list[Bound] = []
    for task in range(len(record.tasks)):
        yield Step(task, len(record.tasks), "opening every model")
        where = layout.models(task)[0]
        try:
            digest = check_chain(folder / "snapshots", task, record.tasks[task].get("snapshot", ""))
            snapshot = load(folder / "snapshots", task, digest, memory=True)
        except StoreError as error:
            raise refused(f"snapshots/{Path(error.given).name}", error.allowed) from error
        if not snapshot.memory and layout.inside(folder, layout.memory(task)).exists():
            raise refused(layout.memory(task), "the run's model has no such memory")
        _check_fit(snapshot, record, where)
        _check_numbers(snapshot, where)
        if changes_backbone(record.config):
            _check_tower(tower(folder, task), record, layout.tower(task, CONFIG_FILE))
        bound.append({"snapshot": digest, "tower": _tower(folder, record, task)})
    return tuple(bound)


def _tower(folder: Path, record: Record, task: int) -> str:
    """Digest of a task's backbone, if the run hardens one."""
    if not changes_backbone(record.config):
        return ""
    found, said = identify(f"{LOCAL}{tower(folder, task)}"), record.tasks[task].get("tower", "")
    assert found is not None  # it lies in a folder
    if said and said != found.digest:
        raise refused(layout.tower(task, WEIGHTS_FILE), "it is not the backbone that was hardened for this task")
    return found.digest


def _check_fit(snapshot: Snapshot, record: Record, where: str) -> None:
    """Whether classes and concepts are the run's."""
    seen = record.seen(snapshot.task)
    if snapshot.class_ids != seen:
        raise refused(where, "its classes are not those the run has learnt by then")
    classes = len(record.setup.class_names) if record.setup else 0
    if not all(c.task <= snapshot.task and -1 <= c.class_id < classes for c in snapshot.bank.concepts):
        raise refused(where, "one of its concepts is of no task or class that it has")
    kept, form = snapshot.classes.covariances, record.config.class_covariances
    if kept.kept and kept.name != form:
        raise refused(where, f"its covariances have the form {kept.name}, and the run keeps them {form}")
    texts = tuple(concept.text for concept in snapshot.bank.concepts)
    if record.texts and texts != record.texts[snapshot.task]:
        raise refused(where, "its concepts are not those that were measured")


def _check_numbers(snapshot: Snapshot, where: str) -> None:
    """Whether all tensors are finite, and those of the model float32 and of one width."""
    classes, width = len(snapshot.class_ids), snapshot.bottleneck.shape[-1]
    statistics = snapshot.classes
    expected: tuple[tuple[Tensor, tuple[int, ...]], ...] = (
        (snapshot.bottleneck, (len(snapshot.bank), width)),
        (snapshot.bank.embeddings, (len(snapshot.bank), width)),
        (snapshot.head, (classes, len(snapshot.bank))),
        (snapshot.bias, (classes,)),
        (statistics.means, (classes, width)),
        (statistics.texts, (classes, width)),
    )
    for tensor, shape in expected:
        if tensor.shape != shape or tensor.dtype != torch.float32 or not bool(tensor.isfinite().all()):
            raise refused(where, "it holds numbers that no training leaves, or too few of them")
    if reason := statistics.covariances.why_not(classes, width):
        raise refused(where, reason)
    others = (*snapshot.memory.values(), *(snapshot.side.tensors.values() if snapshot.side else ()))
    if not all(bool(tensor.isfinite().all()) for tensor in others):
        raise refused(where, "it holds numbers that no training leaves, or too few of them")


def _check_tower(folder: Path, record: Record, where: str) -> None:
    """Whether a hardened backbone can be read and loads nothing but itself."""
    try:
        found = read_config(folder)
    except MissingWeights as error:
        raise refused(where, error.allowed) from error
    start = local_folder(record.config.backbone)
    if start is not None and (start / CONFIG_FILE).is_file() and found == _plain_config(start):
        return
    if any(key.startswith(_FOREIGN) for key in _keys(found)):
        raise refused(where, "it would load a model of others by its name, and this one is not known here")


def _plain_config(folder: Path) -> Any:
    try:
        return json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _keys(value: Any) -> Iterable[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _keys(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _keys(inner)
