"""Snapshots on disk: safetensors, no pickle, never half-written.

After task t a run has `model-0 ... model-t` and `classes-0 ... classes-t`:

    model-{t}.safetensors     bottleneck, head, bias and the bank's embeddings after task t; texts in the metadata
    classes-{t}.safetensors   means, covariances and name embeddings of the classes that arrived in task t

Statistics of a class never change, so each is stored once and storage does not grow with the square of the classes.
Each file carries a digest of its tensors. A file is written under a temporary name, forced to disk, and renamed.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from engine.concepts.bank import Concept, ConceptBank
from engine.errors import StoreDamaged, StoreError, StoreFull, StoreReadOnly, StoreTooNew
from engine.model.snapshot import ClassStatistics, Snapshot

FORMAT = 1
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_READ_ONLY = {errno.EACCES, errno.EPERM, errno.EROFS}


def save(directory: Path, snapshot: Snapshot) -> None:
    """Write the two files of `snapshot.task`; replaces them if they are there.

    The classes come first and the model last: a model file means that the task is complete.

    Raises:
        StoreFull, StoreReadOnly, StoreError: nothing was left behind but what was there before.
    """
    arrived = _arrived(directory, snapshot)
    statistics = snapshot.classes
    old = len(snapshot.class_ids) - arrived
    classes = {
        "means": statistics.means[old:],
        "covariances": statistics.covariances[old:],
        "texts": statistics.texts[old:],
    }
    model = {
        "bottleneck": snapshot.bottleneck,
        "head": snapshot.head,
        "bias": snapshot.bias,
        "embeddings": snapshot.bank.embeddings,
    }
    _write(_classes_file(directory, snapshot.task), classes, {"class_ids": list(snapshot.class_ids[old:])})
    concepts = [[c.text, c.group, c.task, c.class_id, c.truth] for c in snapshot.bank.concepts]
    has_covariances = statistics.covariances.shape[1] > 0
    described = {"class_ids": list(snapshot.class_ids), "concepts": concepts, "covariances": has_covariances}
    _write(_model_file(directory, snapshot.task), model, described)


def load(directory: Path, task: int) -> Snapshot:
    """The snapshot after `task`, exactly as saved.

    Raises:
        StoreDamaged: a file is missing, cut short, altered, or does not fit the others; the message names it.
    """
    path = _model_file(directory, task)
    tensors, described = _read(path)
    try:
        class_ids = tuple(int(c) for c in described["class_ids"])
        concepts = tuple(Concept(*entry) for entry in described["concepts"])
        bank = ConceptBank(concepts, tensors["embeddings"])
        classes = _load_classes(directory, task, class_ids, bool(described["covariances"]))
        return Snapshot(task, class_ids, bank, tensors["bottleneck"], tensors["head"], tensors["bias"], classes)
    except (KeyError, TypeError, ValueError, OverflowError, IndexError, RuntimeError) as error:
        raise _damaged(path, f"its parts do not fit together ({error})") from error


def _load_classes(directory: Path, task: int, class_ids: tuple[int, ...], covariances: bool) -> ClassStatistics:
    parts, found = [], []
    for earlier in range(task + 1):
        path = _classes_file(directory, earlier)
        tensors, described = _read(path)
        if "means" not in tensors or "covariances" not in tensors or "texts" not in tensors:
            raise _damaged(path, "it does not hold the statistics of its classes")
        spreads = tensors["covariances"] if covariances else tensors["covariances"][:, :0, :0]
        parts.append((tensors["means"], spreads, tensors["texts"]))
        found += described.get("class_ids", [])
    if tuple(found) != class_ids:
        raise _damaged(_classes_file(directory, task), "its classes are not those of the model")
    return ClassStatistics(*(torch.cat(columns) for columns in zip(*parts, strict=True)))


def _arrived(directory: Path, snapshot: Snapshot) -> int:
    """How many classes arrived in the snapshot's task, told by the files of the task before."""
    if snapshot.task == 0:
        return len(snapshot.class_ids)
    _, described = _read(_model_file(directory, snapshot.task - 1), tensors=False)
    return len(snapshot.class_ids) - len(described.get("class_ids", []))


def _model_file(directory: Path, task: int) -> Path:
    return directory / f"model-{task}.safetensors"


def _classes_file(directory: Path, task: int) -> Path:
    return directory / f"classes-{task}.safetensors"


def _digest(tensors: Mapping[str, Tensor], described: str) -> str:
    sha = hashlib.sha256(described.encode())
    for name in sorted(tensors):
        sha.update(f"{name}{tuple(tensors[name].shape)}".encode())
        sha.update(tensors[name].numpy().tobytes())
    return sha.hexdigest()


def _write(path: Path, tensors: Mapping[str, Tensor], description: Mapping[str, Any]) -> None:
    """Write `tensors` with their description under a temporary name, force it to disk, rename it to `path`."""
    described = json.dumps({"format": FORMAT, **description}, ensure_ascii=False)
    own = {name: tensor.detach().cpu().clone().contiguous() for name, tensor in tensors.items()}
    data = safetensors.torch.save(own, {"plumage": described, "digest": _digest(own, described)})
    temporary = path.with_name(f".{path.name}.part")  # one name: what a killed write left is overwritten
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
        _sync_directory(path.parent)
    except OSError as error:
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise _write_error(path, error) from error


def _sync_directory(directory: Path) -> None:
    """Make a rename survive a power cut."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _write_error(path: Path, error: OSError) -> StoreError:
    if error.errno in _FULL:
        return StoreFull(str(path), "there is no space left to write it", "Free some space, then resume the run")
    if error.errno in _READ_ONLY:
        return StoreReadOnly(str(path), "its folder must be writable", "Give write permission or set PLUMAGE_HOME")
    return StoreError(str(path), f"it cannot be written ({error.strerror})", "Check the disk, then resume the run")


def _read(path: Path, tensors: bool = True) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors (none if not asked for) and the description of one file; the digest is checked with the tensors.

    Raises:
        StoreDamaged: the file is missing, cut short or altered.
        StoreTooNew: a newer Plumage wrote it.
    """
    try:
        data = path.read_bytes() if tensors else _header_bytes(path)
        length = int.from_bytes(data[:8], "little")
        header = json.loads(data[8 : 8 + length])["__metadata__"]
        described = json.loads(header["plumage"])
        if described["format"] > FORMAT:
            raise StoreTooNew(str(path), "a newer Plumage wrote it", "Update Plumage")
        loaded = safetensors.torch.load(data) if tensors else {}
        if tensors and _digest(loaded, header["plumage"]) != header["digest"]:
            raise _damaged(path, "its content was altered")
    except FileNotFoundError as error:
        raise _damaged(path, "it is missing") from error
    except OSError as error:
        raise _damaged(path, f"it cannot be read ({error.strerror})") from error
    except (KeyError, TypeError, ValueError, RecursionError, SafetensorError) as error:
        raise _damaged(path, "it is cut short or was altered") from error
    return loaded, described


def _header_bytes(path: Path) -> bytes:
    with path.open("rb") as file:
        prefix = file.read(8)
        length = int.from_bytes(prefix, "little")
        if length > path.stat().st_size:
            raise ValueError("the header is longer than the file")
        return prefix + file.read(length)


def _damaged(path: Path, what: str) -> StoreDamaged:
    return StoreDamaged(str(path), f"{what}; a whole snapshot file is needed", "Fork the run from an earlier task")
