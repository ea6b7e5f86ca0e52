"""What methods share whose model has one row per class instead of concepts. Registers nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch

from engine.concepts.bank import Concept, ConceptBank
from engine.methods.base import EpochProgress
from engine.model.snapshot import Snapshot
from engine.model.statistics import class_statistics, without_covariances

if TYPE_CHECKING:
    from torch import Tensor

    from engine.methods.base import TaskData
    from engine.model.side_channel import SideChannel
    from engine.model.snapshot import ClassStatistics


def with_rows(data: TaskData, rows: Tensor, kind: str) -> Snapshot:
    """The previous model extended by one row [new classes, D] per new class; `kind` words what a row is."""
    previous = data.previous
    first = len(previous.class_ids) if previous else 0
    classes = class_statistics(data.features, data.labels, first, data.class_texts, None)
    bank = ConceptBank(tuple(Concept(f"{kind} of class {c}", "", data.task, c) for c in data.class_ids), rows)
    bottleneck, class_ids = rows, data.class_ids
    if previous:
        bank = previous.bank.extended(bank)
        classes = without_covariances(previous.classes).extended(classes)
        bottleneck, class_ids = torch.cat([previous.bottleneck, rows]), previous.class_ids + class_ids
    seen = len(class_ids)
    return Snapshot(
        data.task, class_ids, bank, bottleneck, torch.eye(seen, len(bottleneck)), torch.zeros(seen), classes
    )


def classifier(
    data: TaskData,
    weights: Tensor | None,
    bias: Tensor,
    *,
    side: SideChannel | None = None,
    memory: Mapping[str, Tensor] | None = None,
    covariances: bool = False,
) -> Snapshot:
    """A model that answers `weights x + bias + side(x)`: one row a class, an identity head, no concepts.

    Args:
        weights: [C, D] of all classes seen; None where the side channel says it all: the rows are then the classes'
            means, for whoever asks where a class lies, and the head is zero.
        bias: [C].
        covariances: whether to keep the classes' covariances too.
    """
    classes = statistics(data, covariances)
    class_ids = (data.previous.class_ids if data.previous else ()) + data.class_ids
    named = tuple(Concept(f"direction of class {c}", "", data.task, c) for c in data.class_ids)
    fresh = ConceptBank(named, classes.means[-len(named) :])
    bank = data.previous.bank.extended(fresh) if data.previous else fresh
    seen = len(class_ids)
    head = torch.eye(seen) if weights is not None else torch.zeros(seen, seen)
    rows = classes.means.clone() if weights is None else weights.float()
    return Snapshot(data.task, class_ids, bank, rows, head, bias.float(), classes, side, memory or {})


def statistics(data: TaskData, covariances: bool) -> ClassStatistics:
    """Statistics of all classes seen, the new ones last.

    Raises:
        NotApplicable: the run so far kept no covariances, or in another form, and they are wanted.
    """
    before = data.previous.classes if data.previous else None
    first = len(before.means) if before else 0
    form = data.covariance_form if covariances else None
    new = class_statistics(data.features, data.labels, first, data.class_texts, form)
    if before is None:
        return new
    return (before if covariances else without_covariances(before)).extended(new)


def measured(model: Snapshot, data: TaskData) -> EpochProgress:
    """The one line of progress of a method that does not iterate; its loss is 0 because it has none."""
    known = _right(model, data.val_features, data.val_labels) if len(data.val_labels) else None
    return EpochProgress("train", 1, 1, 0.0, _right(model, data.features, data.labels), known)


def _right(model: Snapshot, features: Tensor, labels: Tensor) -> float:
    return (model.from_features(features).logits.argmax(1) == labels).float().mean().item()
