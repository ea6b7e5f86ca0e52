"""What is kept of each class, as files of a task hold it; see `engine.model.storage`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from engine.model.chain import Classes, ModelFile, classes_file
from engine.model.container import FORMAT, Contents, damaged, read
from engine.model.covariance_form import FULL
from engine.model.covariances.base import Covariances
from engine.model.covariances.every import COVARIANCES
from engine.model.covariances.full import no_covariances
from engine.model.snapshot import ClassStatistics
from engine.structures import checked

_CARRIED = "carried."
_Part = tuple[Tensor, Covariances, Tensor]
"""Means, covariances and texts of some classes."""


def arrays_of(statistics: ClassStatistics, old: int, carried: bool) -> dict[str, Tensor]:
    """What a task's file holds of its classes.

    Args:
        old: how many classes, the first, earlier tasks brought.
        carried: whether these changed in this task.
    """
    new = {"means": statistics.means[old:], **statistics.covariances.select(slice(old, None)).tensors}
    moved = {"means": statistics.means[:old], **statistics.covariances.select(slice(old)).tensors}
    before = {f"{_CARRIED}{name}": part for name, part in moved.items()} if carried and old else {}
    return {**new, "texts": statistics.texts[old:], **before}


def description_of(covariances: Covariances) -> dict[str, Any]:
    """What a model's description says of them; only a form that format 4 did not know makes it a newer one."""
    said: dict[str, Any] = {"covariances": covariances.kept}
    return said if covariances.name == FULL else {**said, "format": FORMAT, "covariance_form": covariances.name}


def load_classes(directory: Path, task: int, model: ModelFile) -> ClassStatistics:
    """The statistics of all classes after `task`.

    Args:
        model: what the task's model says of itself.

    Raises:
        StoreDamaged: a file is missing, altered, or of other classes or another form; the message names it.
    """
    kind = COVARIANCES[model.covariance_form] if model.covariances else None
    parts: list[_Part] = []
    found: list[int] = []
    for earlier in range(task + 1):
        path = classes_file(directory, earlier)
        contents = read(path, model.classes[earlier] if model.classes else "")
        try:
            new = (*_moving(contents, "", kind), tensor_of(contents, "texts", 2))
            found += checked(Classes, dict(contents.described)).class_ids
            parts = [*_carried(contents, parts, kind), new]
        except (KeyError, ValueError) as error:
            raise damaged(path, f"it does not hold the statistics of its classes ({error})") from error
    if tuple(found) != model.class_ids:
        raise damaged(classes_file(directory, task), "its classes are not those of the model")
    means, covariances, texts = zip(*parts, strict=True)
    kept = kind.of_parts(covariances) if kind else no_covariances(len(found))
    return ClassStatistics(torch.cat(means), kept, torch.cat(texts))


def _carried(contents: Contents, parts: list[_Part], kind: type[Covariances] | None) -> list[_Part]:
    """The statistics of the classes so far, as a task's file has them, if it has any.

    Raises:
        KeyError, ValueError: they are of other classes.
    """
    if f"{_CARRIED}means" not in contents.arrays:
        return parts
    means, covariances = _moving(contents, _CARRIED, kind)
    texts = torch.cat([part[2] for part in parts])
    if len(means) != len(texts):
        raise ValueError("the statistics of earlier classes are of another number of classes")
    return [(means, covariances, texts)]


def _moving(contents: Contents, prefix: str, kind: type[Covariances] | None) -> tuple[Tensor, Covariances]:
    """What of the statistics of some classes changes with the backbone; text towers are frozen.

    Raises:
        KeyError, ValueError: it is missing, of another form, or does not fit.
    """
    means = tensor_of(contents, f"{prefix}means", 2)
    if kind is None:
        return means, no_covariances(len(means))
    covariances = kind(**{name: tensor_of(contents, f"{prefix}{name}", axes) for name, axes in kind.axes.items()})
    if reason := covariances.why_not(*means.shape):
        raise ValueError(reason)
    return means, covariances


def tensor_of(contents: Contents, name: str, axes: int) -> Tensor:
    """One array as a tensor of one's own.

    Raises:
        KeyError, ValueError: it is missing, or of another kind.
    """
    array = contents.arrays[name]
    if array.ndim != axes or str(array.dtype) != "float32":
        raise ValueError(f"{name} has {array.ndim} axes of {array.dtype} instead of {axes} of float32")
    return torch.from_numpy(array.copy())
