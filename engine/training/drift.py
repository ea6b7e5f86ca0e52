"""Drift compensation: what a run keeps of old classes is carried along when its backbone is hardened for a task."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor

from engine.device import fixed_threads
from engine.errors import NotApplicable
from engine.methods.base import Method
from engine.model.drift import Drift, linear, translation
from engine.model.snapshot import Snapshot
from engine.runs.config import RunConfig
from engine.runs.task_backbones import compensates_drift
from engine.training.material import Material, Sample

_FITS: Mapping[str, Callable[[Tensor, Tensor, Tensor, Tensor], Drift]] = {"translation": translation, "linear": linear}
"""By the setting's value: estimates from training images before and after, and validation images before and after."""


def require(config: RunConfig, method: Method) -> None:
    """See whether what the run's method keeps can be carried along, where the run asks for it.

    Raises:
        NotApplicable: it can not.
    """
    if compensates_drift(config) and method.cannot_follow:
        given = f"drift_compensation = {config.drift_compensation} of method {config.method}"
        raise NotApplicable(given, method.cannot_follow, "Set drift_compensation to no, or choose another method")


def followed(config: RunConfig, method: Method, previous: Snapshot, before: Material, after: Material) -> Snapshot:
    """The model before a task, with what it keeps of its classes where the task's backbone sees them.

    A function of the model, and of images and backbones that do not change, so that a run which was interrupted gets
    the same again.

    Args:
        previous: with its memory.
        before, after: the new task's images by the backbone before and by the task's own, train and val.
    """
    assert before.train is not None and after.train is not None  # gathered with train=True
    with fixed_threads(1):
        fit = _FITS[config.drift_compensation]
        drift = fit(*_both(before.train, after.train), *_both(before.val, after.val))
        return method.follow(previous, drift)


def _both(before: Sample, after: Sample) -> tuple[Tensor, Tensor]:
    assert (before.rows == after.rows).all()  # both gathered from one task
    return before.features, after.features
