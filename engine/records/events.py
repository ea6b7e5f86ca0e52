"""What a training loop tells the world, as frozen dataclasses that survive a round trip through JSON.

The worker stores them, the command line draws progress from them and tests compare them: all consume one generator.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import numpy.typing as npt
from pydantic import ConfigDict, Field

from engine.errors import BadInput
from engine.structures import Count, Measure, Text, checked

if TYPE_CHECKING:
    from engine.model.snapshot import Snapshot

Array = npt.NDArray[Any]
Metrics = Mapping[str, Mapping[str, Array]]
"""split -> name -> array; the split is `""` for what belongs to the model and not to a split."""


@dataclass(frozen=True, slots=True)
class Event:
    """Base of all events."""

    __pydantic_config__ = ConfigDict(extra="forbid")

    def to_mapping(self) -> dict[str, Any]:
        """The event as JSON-ready values; `"event"` names its kind."""
        values = {f.name: _plain(getattr(self, f.name)) for f in dataclasses.fields(self) if f.compare}
        return {"event": type(self).__name__, **values}


@dataclass(frozen=True, slots=True)
class RunStarted(Event):
    """The data are open and the tasks are laid out.

    Attributes:
        class_names: all classes, in the dataset's order.
        task_classes: dataset indices of the classes of each task.
        splits: evaluation splits, `"test"` first.
        test_sizes: test images of each task, by split.
        learns_concepts: whether the method's bottleneck is made of concepts.
        class_digests: of the images of each class, aligned with `class_names` (see `Dataset.class_digests`).
        concepts_digest, weights_digest: of the concept texts, and of the backbone with its preprocessing.
        code: what computes it (see `engine.records.identity.code_version`).
        repeated: test images that stand among the training images too, as `Repeated` counts them.

    The last five are empty, or None, in runs of an older Plumage.
    """

    class_names: tuple[Annotated[str, Field(min_length=1, max_length=300)], ...]
    task_classes: tuple[tuple[Count, ...], ...]
    splits: tuple[Text, ...]
    test_sizes: Mapping[Text, tuple[Count, ...]]
    learns_concepts: bool
    class_digests: tuple[Text, ...] = ()
    concepts_digest: Text = ""
    weights_digest: Text = ""
    code: Text = ""
    repeated: Mapping[Text, Count] | None = None


@dataclass(frozen=True, slots=True)
class TaskStarted(Event):
    """A task begins; its features come first."""

    task: Count
    class_ids: tuple[Count, ...]


@dataclass(frozen=True, slots=True)
class FeaturesProgress(Event):
    """So many of the task's images have their embedding."""

    task: Count
    done: Count
    total: Count


@dataclass(frozen=True, slots=True)
class HardeningProgress(Event):
    """So many steps of the adversarial pass before the task are done. `seconds`: active time since the task began."""

    task: Count
    done: Count
    total: Count
    seconds: Measure


@dataclass(frozen=True, slots=True)
class EpochEnded(Event):
    """One epoch of one phase; see `engine.methods.base.EpochProgress`. `seconds`: active time since the task began."""

    task: Count
    phase: Text
    epoch: Count
    epochs: Count
    loss: float
    train_accuracy: float
    val_accuracy: float | None
    seconds: Measure


@dataclass(frozen=True, slots=True, eq=False)
class Watched(Event):
    """What is seen of the watched pictures and concepts at a beat.

    Attributes:
        epoch: epochs of learning that the model has of this task; 0 where the task is learnt.
        arrays: by name, as `engine.records.watched` declares them.
        seconds: that looking took; not part of the mapping.
    """

    task: Count
    epoch: Count
    arrays: Mapping[str, Array]
    seconds: float = field(default=0.0, compare=False)

    def to_mapping(self) -> dict[str, Any]:
        """As `Event.to_mapping`; arrays as in `TaskEvaluated`."""
        arrays = {name: _pack(array) for name, array in self.arrays.items()}
        return {"event": "Watched", "task": self.task, "epoch": self.epoch, "arrays": arrays}


@dataclass(frozen=True, slots=True, eq=False)
class TaskEvaluated(Event):
    """Every metric after a task, as arrays; their names are those of `engine.training.evaluate`."""

    task: Count
    metrics: Metrics

    def to_mapping(self) -> dict[str, Any]:
        """As `Event.to_mapping`; arrays keep their type: `{"dtype": ..., "shape": ..., "values": ...}`."""
        metrics = {split: {k: _pack(a) for k, a in named.items()} for split, named in self.metrics.items()}
        return {"event": "TaskEvaluated", "task": self.task, "metrics": metrics}


@dataclass(frozen=True, slots=True)
class TaskFinished(Event):
    """A task is learnt and evaluated.

    Attributes:
        seconds: active time it took, waiting while paused excluded.
        peak_memory_mb: highest resident memory of the process during the task, in MiB.
        snapshot: the model; stays in memory and is not part of the mapping.
    """

    task: Count
    seconds: Measure
    peak_memory_mb: float
    snapshot: Snapshot | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class RunFinished(Event):
    """The last task is done. `seconds`: active time of this process over all its tasks."""

    seconds: Measure


_KINDS: Mapping[str, type[Event]] = {
    kind.__name__: kind
    for kind in (
        RunStarted,
        TaskStarted,
        FeaturesProgress,
        HardeningProgress,
        EpochEnded,
        Watched,
        TaskEvaluated,
        TaskFinished,
        RunFinished,
    )
}


def event_from_mapping(mapping: Mapping[str, Any]) -> Event:
    """Rebuild an event from `to_mapping`'s result, also after JSON.

    Raises:
        BadInput: it is no event.
    """
    values = dict(mapping)
    kind = _KINDS.get(str(values.pop("event", "")))
    try:
        if kind is None:
            raise KeyError("event")
        if kind is TaskEvaluated:
            return TaskEvaluated(values["task"], _revived(values["metrics"]))
        if kind is Watched:
            arrays = {name: _unpack(packed) for name, packed in values["arrays"].items()}
            return Watched(values["task"], values["epoch"], arrays)
        return TaskFinished(**values) if kind is TaskFinished else checked(kind, values)
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(f"event {str(mapping)[:80]}", f"known are {', '.join(_KINDS)}", "Check who wrote it") from error


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _revived(metrics: Mapping[str, Mapping[str, Any]]) -> Metrics:
    return {split: {name: _unpack(packed) for name, packed in named.items()} for split, named in metrics.items()}


def _pack(array: Array) -> dict[str, Any]:
    values = [None if value != value else value for value in array.ravel().tolist()]  # JSON has no NaN
    return {"dtype": array.dtype.str, "shape": list(array.shape), "values": values}


def _unpack(packed: Mapping[str, Any]) -> Array:
    return np.array(packed["values"], dtype=packed["dtype"]).reshape(packed["shape"])
