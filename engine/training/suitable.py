"""Whether a method can do a run: its own reasons, and the memory it would take."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict

import numpy as np

from engine.data.streams import TRAIN
from engine.errors import NotApplicable
from engine.memory import free_bytes
from engine.model.covariance_form import LOW_RANK, SHARED

if TYPE_CHECKING:
    from engine.data.dataset import Dataset
    from engine.data.streams import TaskStream
    from engine.methods.base import Method, Setup

_MIB = 2**20


class Counted(TypedDict):
    """What `Setup` tells of the training images."""

    images: int
    fewest: int
    has_truth: bool


def counted(dataset: Dataset, stream: TaskStream) -> Counted:
    """How many training images the tasks have, and whether somebody says what they show."""
    split = dataset.splits[TRAIN]
    rows = np.concatenate([task.train for task in stream.tasks])
    _, counts = np.unique(split.labels[rows], return_counts=True)
    return Counted(images=len(rows), fewest=int(counts.min()), has_truth=split.truth is not None)


def too_much(method: Method, setup: Setup) -> str | None:
    """Why a method would not fit into what this machine has left, in words with both figures, or None if it would."""
    needed, free = method.memory_bytes(setup), free_bytes()
    if free is None or needed <= free:
        return None
    return f"it would hold {needed / _MIB:,.0f} MiB at once, and {free / _MIB:,.0f} MiB are free"


def require_memory(name: str, method: Method, setup: Setup) -> None:
    """Refuse a run whose method would hold more than this machine has left.

    Raises:
        NotApplicable: with both figures.
    """
    reason = too_much(method, setup)
    if reason is not None:
        raise NotApplicable(f"method {name}", reason, _remedy(method, setup))


def _remedy(method: Method, setup: Setup) -> str:
    """The least coarse form of class covariances in which the method would fit, if there is one."""
    for name in (LOW_RANK, SHARED):
        smaller = replace(setup, covariance_form=replace(setup.covariance_form, name=name))
        if method.memory_bytes(smaller) < method.memory_bytes(setup) and too_much(method, smaller) is None:
            return f"Set class_covariances to {name}, or choose smaller settings or another method"
    return "Choose smaller settings or another method"
